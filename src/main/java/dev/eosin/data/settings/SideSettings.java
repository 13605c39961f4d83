package dev.eosin.data.settings;

import java.util.Optional;

/// What every recipe of a training says of its data, whatever becomes of the samples: both sides,
/// the order, the threads, and what is tolerated.
public interface SideSettings {
  /// What the run trains on.
  SourceSettings train();

  /// What may stand together in a batch of training.
  TrainOrderSettings trainOrder();

  /// What evaluations use that say so.
  Optional<SourceSettings> validation();

  /// The number of worker threads.
  int workerCount();

  /// How many samples that cannot be used are tolerated.
  BadRowSettings badRows();

  /// How validation data is compared with training data.
  LeakSettings leaks();
}
