package dev.eosin.spark;

import java.io.Serial;
import java.io.Serializable;

/// What a step found of a row.
///
/// @param order of several findings of a row that with the least counts
/// @param key of the row
/// @param detail for people
record Found(int order, String key, String detail) implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  static Found first(Found a, Found b) {
    return b.order() < a.order() ? b : a;
  }
}
