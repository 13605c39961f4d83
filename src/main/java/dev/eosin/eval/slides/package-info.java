/// What features of tiles tell of their slides and patients: MI-Zero's pooling of scores, mean
/// pooling, gated attention, survival; folds and labels of tables, those of Patho-Bench as they
/// are.
///
/// Ring 3, a sub-package of eval, above `eval.tiles`. Start reading at [SlideTask], then [SlideSet]
/// and [SlideTasks].
@NullMarked
package dev.eosin.eval.slides;

import org.jspecify.annotations.NullMarked;
