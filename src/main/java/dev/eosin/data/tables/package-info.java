/// Tables of samples: the rows of CSV and TSV files, and what any table's rows are checked for,
/// whatever file they come from.
///
/// Ring 2, above `data.settings`. Start reading at [TableSource] and [TableRow], then [RowChecks]
/// and [CsvSource].
@NullMarked
package dev.eosin.data.tables;

import org.jspecify.annotations.NullMarked;
