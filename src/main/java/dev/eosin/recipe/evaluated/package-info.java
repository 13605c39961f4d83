/// What recipes of evaluations open to be measured: model, data and tasks of each kind.
///
/// Ring 6, above `recipe.stored`. Start reading at [OpenedEvaluations].
@NullMarked
package dev.eosin.recipe.evaluated;

import org.jspecify.annotations.NullMarked;
