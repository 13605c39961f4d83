package dev.eosin.train;

/// Between which values the loss of a batch lies while it is learned by heart.
///
/// @param floor the least loss that the rows allow
/// @param chance of a model that cannot tell rows apart
/// @param alike rows that cannot be told from an earlier row of the batch
/// @param chanceTells whether the loss that is trained is that of chance, in every batch, as long
///   as a model tells no rows apart, and no longer
public record LossRange(double floor, double chance, int alike, boolean chanceTells) {
  /// Of a loss that may be near chance though something was learned.
  public LossRange(double floor, double chance, int alike) {
    this(floor, chance, alike, false);
  }
}
