/// Training of whatever learns: the one loop, updates, optimiser, schedules, precision,
/// checkpoints, memory plans, cadence and run log.
///
/// Ring 3: may use rings 0 to 2. Start reading at `Trainer`, then `Learner` and `Updater`.
@NullMarked
package dev.eosin.train;

import org.jspecify.annotations.NullMarked;
