/// Sample sources, the resumable global order, prefetching and batches.
///
/// Ring 2: may use rings 0 and 1. Start reading at `Source`, then `SampleOrder`.
@NullMarked
package dev.eosin.data;

import org.jspecify.annotations.NullMarked;
