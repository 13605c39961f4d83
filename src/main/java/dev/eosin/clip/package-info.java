/// CLIP: an image tower and a text tower trained to agree. Architecture, presets, foreign
/// configuration files, the model on a graph, and the training loop.
///
/// Ring 4: may use rings 0 to 3. Start reading at `ClipTrainer`, then `Clip`.
@NullMarked
package dev.eosin.clip;

import org.jspecify.annotations.NullMarked;
