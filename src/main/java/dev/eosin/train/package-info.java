/// The parts of a training loop: optimiser, schedules, precision, train state, cadence and run log.
///
/// Ring 3: may use rings 0 to 2. Start reading at `AdamW`, `ScheduleSettings` and `RunLog`.
@NullMarked
package dev.eosin.train;

import org.jspecify.annotations.NullMarked;
