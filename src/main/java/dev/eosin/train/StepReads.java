package dev.eosin.train;

import dev.eosin.group.Group;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.train.optimisers.Optimiser;

/// When a step's loss, norm and figures are read of the device.
public enum StepReads {
  /// Each when it is known: a loss that is not finite is not differentiated, a gradient that is not
  /// finite not applied.
  AS_FOUND,

  /// Together, behind the update: the device is waited for once a step. Where something was not
  /// finite, the weights have changed already, and the run ends with those of its last checkpoint.
  TOGETHER;

  /// Together on a GPU, where each read waits for all that was asked before. As found where a step
  /// may be left out (fp16), where updates come before the norm is known, and on several ranks,
  /// which speak between the passes anyway.
  static StepReads of(Learner learner, Optimiser optimiser, Group group) {
    boolean waits = learner.parameters().engine().device() instanceof Device.Cuda;
    return waits && canWait(learner, optimiser, group) ? TOGETHER : AS_FOUND;
  }

  static boolean canWait(Learner learner, Optimiser optimiser, Group group) {
    return group.size() == 1 && learner.compute() != DType.FLOAT16 && !optimiser.updatesEarly();
  }
}
