/// What recipes of trainings train: one experiment for each family, and what it opens.
///
/// Ring 6, above `recipe.models`. Start reading at [TrainableRecipe] and [Experiments].
@NullMarked
package dev.eosin.recipe.trained;

import org.jspecify.annotations.NullMarked;
