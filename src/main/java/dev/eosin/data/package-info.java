/// Samples and sources: what a sample is, what every source of them can do, and what became of a
/// source when it was opened.
///
/// Ring 2: may use rings 0 and 1, and `slide`. Start reading at [Source] (samples by index), then
/// [Sample] and [EpochContent] (which samples an epoch has). All sub-packages but `shard` stand
/// above it: `settings` (what a recipe says) below the kinds of source (`tables`, `json`,
/// `parquet`, `folders`, `webdataset`, `slides`, `synthetic`, `questions`), those below `opened`,
/// which opens what a recipe names; `order` and `batches` know no kind of source. A new kind of
/// source is a record that `SourceSettings` permits, a class beside its like, and a line in
/// `opened.Sources`.
@NullMarked
package dev.eosin.data;

import org.jspecify.annotations.NullMarked;
