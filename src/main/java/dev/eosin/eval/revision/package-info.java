/// Revised captions, scored: what of a degraded caption was noticed, what was set right, and what
/// of a good one was changed; with baselines, controls and intervals over images.
///
/// Ring 3, above eval.asking. Plain Java arithmetic in double. Start reading at [RevisionRow], then
/// [RevisionScores].
@NullMarked
package dev.eosin.eval.revision;

import org.jspecify.annotations.NullMarked;
