/// Benchmarks of the hot paths; each prints one JSON line. Not tests: nothing here passes or fails.
///
/// Ring 6: may use rings 0 to 5. Start reading at `ClipBenchmark`.
@NullMarked
package dev.eosin.bench;

import org.jspecify.annotations.NullMarked;
