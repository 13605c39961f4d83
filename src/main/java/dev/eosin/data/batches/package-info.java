/// Batches, prepared ahead of the step by worker threads.
///
/// Ring 2, above `data.order`. Start reading at [Batch], then [BatchLoader], [RowReader] and
/// [BatchSlot]; what cannot be read is counted by [BadRowLog].
@NullMarked
package dev.eosin.data.batches;

import org.jspecify.annotations.NullMarked;
