package dev.eosin.data.order;

/// What becomes of a row that has more ids than are allowed.
public enum OverLength {
  /// The first ids are kept, as long as something asked for is among them. Images are never cut.
  CUT,
  /// It is left out of the data, which is counted and said before training.
  DROP,
  /// Nothing begins while there is one.
  REFUSE
}
