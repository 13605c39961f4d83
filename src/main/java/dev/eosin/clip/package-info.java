/// CLIP: an image tower and a text tower trained to agree. The model on a graph, its losses, and
/// how it learns; what it is lies in `clip.spec`, what it is on disk in `clip.stored`.
///
/// Ring 4: may use rings 0 to 3. Start reading at `ClipLearner`, then `Clip`.
@NullMarked
package dev.eosin.clip;

import org.jspecify.annotations.NullMarked;
