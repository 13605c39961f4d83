package dev.eosin.train;

/// Which of two values of a metric is the better one.
public enum Better {
  HIGHER,
  LOWER
}
