/// What recipes of evaluations share: where answers come from, what one evaluation found, and the
/// pictures beside it.
///
/// Ring 6, below `recipe`. Start reading at [OpenedEvaluation] and [Measured].
@NullMarked
package dev.eosin.recipe.found;

import org.jspecify.annotations.NullMarked;
