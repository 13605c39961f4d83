package dev.eosin.experiment;

import dev.eosin.data.settings.BatchSettings;
import dev.eosin.train.machine.ComputeSettings;

/// A training as a run takes it: what its recipe says, and what is trained.
public interface RunSettings extends TrainingSettings {
  @Override
  RunSettings withBatch(BatchSettings other);

  @Override
  RunSettings withCompute(ComputeSettings other);

  /// What is trained.
  Experiment experiment();
}
