package dev.eosin.recipe.trained;

import dev.eosin.data.opened.DataSets;
import dev.eosin.experiment.Pin;

/// What every run is held to of its data.
final class DataPin {
  private DataPin() {}

  static Pin of(DataSets data) {
    return new Pin(
        "data.train.fingerprint",
        data.train().fingerprint(),
        "data.train is not what this run began with (its files, rows or order differ)");
  }
}
