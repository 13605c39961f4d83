/// `eosin bench`: one command for each measurement.
///
/// Ring 8, below `cli`. Start reading at [BenchLanguageCommand].
@NullMarked
package dev.eosin.cli.bench;

import org.jspecify.annotations.NullMarked;
