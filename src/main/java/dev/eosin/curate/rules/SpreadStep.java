package dev.eosin.curate.rules;

/// A step as it is spread over machines, each of which sees a part of the rows. What comes out is
/// what one process finds that sees all rows in their order.
public sealed interface SpreadStep
    permits SpreadStep.Alone, SpreadStep.InOrder, KeyedStep, Likeness, GroupKeys {
  /// It looks at one row alone, as `curate.Curation` judges it.
  record Alone() implements SpreadStep {}

  /// It is done in one place, over rows in their order: what it reads besides lies there.
  record InOrder() implements SpreadStep {}
}
