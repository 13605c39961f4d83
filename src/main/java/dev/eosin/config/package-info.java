/// Turns YAML recipes into records: scalars, units, overrides, inheritance and every problem at
/// once.
///
/// Ring 0: may use nothing of Eosin; every package may use it. Start reading at `RecipeFile`.
@NullMarked
package dev.eosin.config;

import org.jspecify.annotations.NullMarked;
