/// Parquet files: tables of samples whose rows are read page by page, and tables of vectors,
/// written and read.
///
/// Ring 2, above `data.json`. Start reading at [ParquetFile] and [ParquetPages], then
/// [ParquetSource]; vectors: [VectorTable].
@NullMarked
package dev.eosin.data.parquet;

import org.jspecify.annotations.NullMarked;
