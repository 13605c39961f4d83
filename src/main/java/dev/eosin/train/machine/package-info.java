/// What a training asks of a machine: device, precision, memory and its plan, and whether the
/// device computes what it should.
///
/// Ring 3, below `train`. Start reading at [ComputeSettings], then [MemoryPlan] and [StepMemory].
@NullMarked
package dev.eosin.train.machine;

import org.jspecify.annotations.NullMarked;
