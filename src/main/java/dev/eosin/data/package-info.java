/// Sample sources, the resumable global order, prefetching and batches.
///
/// Ring 2: may use rings 0 and 1. Start reading at `DataSets`, which opens what a recipe's `data`
/// names, then `Source` (samples by index), `SampleOrder` (which sample stands where in the endless
/// stream: an `EpochContent` in an `Arrangement`) and `BatchLoader` (batches ahead of the step). A
/// new kind of source is a record that `SourceSettings` permits, a class beside `CsvSource`, and a
/// line in `Sources`.
@NullMarked
package dev.eosin.data;

import org.jspecify.annotations.NullMarked;
