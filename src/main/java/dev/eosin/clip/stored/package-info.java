/// CLIP models on disk: opened in any layout, inspected, converted, merged, exported, started from.
///
/// Start reading at `StoredClip`.
@NullMarked
package dev.eosin.clip.stored;

import org.jspecify.annotations.NullMarked;
