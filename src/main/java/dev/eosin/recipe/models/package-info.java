/// The models that recipes name, before anything is done with them: sizes, names, first weights,
/// what fits and what does not, for each family; frozen towers; the model of a stored run.
///
/// Ring 6, above `recipe`, below `recipe.stored` and `recipe.trained`. Start reading at
/// [ClipModels], [FrozenTower] and [StoredRun].
@NullMarked
package dev.eosin.recipe.models;

import org.jspecify.annotations.NullMarked;
