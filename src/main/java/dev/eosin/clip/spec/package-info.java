/// What a CLIP model is: its architecture, presets, and what foreign configurations say of it.
///
/// Start reading at `ClipSpec`.
@NullMarked
package dev.eosin.clip.spec;

import org.jspecify.annotations.NullMarked;
