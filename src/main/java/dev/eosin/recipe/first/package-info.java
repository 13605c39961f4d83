/// A first recipe for one's own data: what a folder or a table is taken for, and why.
///
/// Ring 6, above `recipe`. Start reading at [NewRecipe].
@NullMarked
package dev.eosin.recipe.first;

import org.jspecify.annotations.NullMarked;
