/// The kinds of recipe: what a YAML file may say, each kind one record that composes the settings
/// of lower packages. Nothing here opens or computes what a record names; that is switched to
/// above.
///
/// Ring 6: may use rings 0 to 5, and `recipe.found`. Start reading at `Recipe`, then `Training`,
/// `Preparation` and `Evaluation`.
@NullMarked
package dev.eosin.recipe;

import org.jspecify.annotations.NullMarked;
