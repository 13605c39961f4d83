/// The data of a run, opened: both sides of what a recipe names, divided, checked for samples on
/// both sides, in an order and in batches.
///
/// Ring 2, above every kind of source. Start reading at [DataSets], then [Sources] and
/// [OpenedSources].
@NullMarked
package dev.eosin.data.opened;

import org.jspecify.annotations.NullMarked;
