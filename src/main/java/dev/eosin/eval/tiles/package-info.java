/// What features of labelled tiles are worth: zero-shot classification and probes as tasks, each
/// with every figure, intervals over groups, and all that decided a number; the protocols of
/// publications, each value with its source.
///
/// Ring 3, a sub-package of eval, above `eval.probes`. Start reading at [TileTask], then [TileSet],
/// [TileFeatures] and [TileTasks].
@NullMarked
package dev.eosin.eval.tiles;

import org.jspecify.annotations.NullMarked;
