/// The endless stream of samples that a run trains on: which sample stands where, a pure function
/// of seed and position; and how long a sample's row becomes.
///
/// Ring 2, above `data.settings`. Start reading at [SampleOrder] (an `EpochContent` in an
/// [Arrangement]), then [Preparation].
@NullMarked
package dev.eosin.data.order;

import org.jspecify.annotations.NullMarked;
