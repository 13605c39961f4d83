package dev.eosin.data.synthetic;

import dev.eosin.random.RandomStream;
import java.util.List;

/// A question about a fact of a tile, whose answer the words of the question do not tell: each text
/// is as often answered with yes as with no, and an open one with each value equally often, since
/// facts are uniform and a false value is uniform among the others.
///
/// @param told every fact in words, for someone who does not see the tile
public record FactQuestion(Fact fact, Kind kind, String question, String answer, String told) {
  /// What is asked.
  public enum Kind {
    /// Whether a fact has its true value.
    TRUE,
    /// Whether a fact has a false value.
    FALSE,
    /// Which value a fact has.
    OPEN
  }

  /// The word for a value that is true.
  static final String YES = "yes";

  /// The word for a value that is false.
  static final String NO = "no";

  /// A question in words of `random`.
  ///
  /// @param fact that is there to be seen
  static FactQuestion of(Facts facts, Fact fact, Kind kind, RandomStream random) {
    int value = facts.value(fact);
    int other = other(value, fact.words().size(), random);
    List<String> values = fact.words();
    String question =
        switch (kind) {
          case TRUE -> FactWords.closed(fact, values.get(value), random);
          case FALSE -> FactWords.closed(fact, values.get(other), random);
          case OPEN -> FactWords.open(fact, random);
        };
    String answer =
        switch (kind) {
          case TRUE -> YES;
          case FALSE -> NO;
          case OPEN -> values.get(value);
        };
    return new FactQuestion(fact, kind, question, answer, FactWords.told(facts, random));
  }

  /// Uniform among the values but one.
  private static int other(int value, int values, RandomStream random) {
    int other = random.nextInt(values - 1);
    return other < value ? other : other + 1;
  }
}
