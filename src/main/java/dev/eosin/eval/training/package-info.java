/// What is measured while a model that embeds images and texts trains: held-out pairs, zero-shot
/// classification, and the tasks on labelled tiles that `kind: tile-evaluation` has. Several ranks
/// share the work without changing a figure.
///
/// Ring 3, a sub-package of eval, above `eval.tiles`. Start reading at [EmbeddingEvaluations].
@NullMarked
package dev.eosin.eval.training;

import org.jspecify.annotations.NullMarked;
