/// The kinds of recipe, each one record that composes the settings of lower packages, and the
/// wiring that turns it into a run.
///
/// Ring 6: may use rings 0 to 5. Start reading at `Recipe`, then `Training`, `Preparation` and
/// `Evaluation`.
@NullMarked
package dev.eosin.recipe;

import org.jspecify.annotations.NullMarked;
