package dev.eosin.train;

import dev.eosin.config.Doc;

/// Which weights of a run.
@Doc("Which weights of a run.")
public enum WeightsPart {
  WEIGHTS,
  AVERAGE
}
