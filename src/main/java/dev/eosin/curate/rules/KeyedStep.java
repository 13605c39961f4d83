package dev.eosin.curate.rules;

import java.util.function.Function;
import java.util.function.LongPredicate;

/// A step that compares rows with common keys alone.
public final class KeyedStep implements SpreadStep {
  private final Function<LongPredicate, KeyedRule> rules;
  private final boolean counted;

  /// @param rules for rows with some of the keys
  /// @param counted whether the rule of all rows is to be told what the others found
  KeyedStep(Function<LongPredicate, KeyedRule> rules, boolean counted) {
    this.rules = rules;
    this.counted = counted;
  }

  /// A rule of its own for the rows that have one of some keys, to be shown in their order.
  ///
  /// @param own whether a key is among those
  public KeyedRule rule(LongPredicate own) {
    return rules.apply(own);
  }

  /// Whether one rule is to be told all findings in row order, by [KeyedRule#settle].
  public boolean isCounted() {
    return counted;
  }
}
