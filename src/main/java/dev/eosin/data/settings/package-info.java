/// What a recipe says of its data: one record for each kind of source, both sides, the order, and
/// what is tolerated; and what is guessed of a table where the recipe says nothing.
///
/// Ring 2, above `data` and `data.shard`. Start reading at [SourceSettings], whose records stand in
/// one package because they are sealed, then [SideSettings].
@NullMarked
package dev.eosin.data.settings;

import org.jspecify.annotations.NullMarked;
