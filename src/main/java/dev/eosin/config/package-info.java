/// Turns YAML recipes into records: scalars, units, overrides, inheritance and every problem at
/// once.
///
/// Ring 0: may use nothing of Eosin; every package may use it. Start reading at `RecipeFile`, which
/// merges a recipe with what it extends and with overrides, then `Binder`, which makes records of
/// it. A package that owns a part of a recipe writes a record (components are keys in kebab-case;
/// [Doc] on each; [OrElse], [Range], `Optional` and the unit types where they fit) or a sealed
/// interface of records (the key `type` chooses).
@NullMarked
package dev.eosin.config;

import org.jspecify.annotations.NullMarked;
