/// Optimisers: rules by which weights change, what each weight's rule is, and how ranks share
/// gradients and state.
///
/// Ring 3, below `train`. Start reading at [Optimiser] and [UpdateRules], then [AdamW]; ranks:
/// [Shards] and [SharedGradients].
@NullMarked
package dev.eosin.train.optimisers;

import org.jspecify.annotations.NullMarked;
