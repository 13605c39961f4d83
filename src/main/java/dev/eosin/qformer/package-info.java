/// Q-Formers: learned queries that read an image, aligned with text first, then read by a frozen
/// language model.
///
/// Ring 4: may use `features`, `language`, `tower`, `train` and what lies below. Start reading at
/// [QFormerSpec], then [QFormer]; [Alignment] is the first stage (how it learns: [AlignmentStep],
/// [AlignmentLearner]), [ImageReader] and [Answers] the second; [QFormerNames] knows what others
/// call the weights.
@NullMarked
package dev.eosin.qformer;

import org.jspecify.annotations.NullMarked;
