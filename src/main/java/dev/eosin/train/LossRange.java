package dev.eosin.train;

/// Between which values the loss of a batch lies while it is learned by heart.
///
/// @param floor the least loss that the rows allow
/// @param chance of a model that cannot tell rows apart
/// @param alike rows that cannot be told from an earlier row of the batch
public record LossRange(double floor, double chance, int alike) {}
