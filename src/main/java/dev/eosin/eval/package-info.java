/// What a model is worth: the ports that a model family implements, zero-shot classification,
/// retrieval, metrics and their confidence intervals.
///
/// Ring 3, after train: may use rings 0 to 2. Plain Java arithmetic in double, but for retrieval,
/// whose scores of everything with everything are a kernel's. Start reading at [PairEmbedder], then
/// [ZeroShotEvaluation] and [Retrieval].
@NullMarked
package dev.eosin.eval;

import org.jspecify.annotations.NullMarked;
