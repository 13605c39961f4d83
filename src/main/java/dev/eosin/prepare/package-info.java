/// Long work over the rows of a table: captions written by a paid service, slides cut into tiles,
/// collections filtered. Every answer and every outcome is in a ledger before it is used, so that a
/// run may be killed anywhere, goes on where it was, and ends with the same bytes.
///
/// Ring 3: may use rings 0 to 2. Start reading at `RowPreparation`, which is what a kind of
/// preparation writes, then `PreparationRun`, which drives it, and `Ledger`. docs/formats.md has
/// the ledger as a specification, docs/map.md how to add a preparation.
@NullMarked
package dev.eosin.prepare;

import org.jspecify.annotations.NullMarked;
