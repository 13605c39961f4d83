/// Answers about pictures, scored: named and versioned scorers, their figures by type, fact and
/// group, intervals over pictures, and the same for each control.
///
/// Ring 3, above eval.answers and eval.asking. Plain Java arithmetic in double. Start reading at
/// [Scorer] and [Scorers], then [VqaScores].
@NullMarked
package dev.eosin.eval.vqa;

import org.jspecify.annotations.NullMarked;
