/// Training of whatever learns: the one loop, updates, checkpoints, evaluations and which weights
/// are the best.
///
/// Ring 3: may use rings 0 to 2. Start reading at [Trainer], then [Learner] and [Updater]. Below it
/// stand `train.optimisers` and `train.machine`, above it `train.logs`.
@NullMarked
package dev.eosin.train;

import org.jspecify.annotations.NullMarked;
