package dev.eosin.train;

import dev.eosin.config.DataException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/// One figure of one evaluation, and which of its values are better.
///
/// @param evaluation its name in the recipe
/// @param figure its name in `log.jsonl`
/// @param better the values that are
public record RankedBy(String evaluation, String figure, Better better) {
  /// Reads `EVALUATION.FIGURE`.
  ///
  /// @param evaluations the names of those that a run has
  /// @return empty where it begins with none of them
  public static Optional<RankedBy> read(
      String metric, Optional<Better> better, List<String> evaluations) {
    return evaluations.stream()
        .filter(name -> metric.startsWith(name + ".") && metric.length() > name.length() + 1)
        .max(Comparator.comparingInt(String::length))
        .map(
            name -> {
              String figure = metric.substring(name.length() + 1);
              return new RankedBy(name, figure, better.orElseGet(() -> usual(figure)));
            });
  }

  private static Better usual(String figure) {
    String name = figure.toLowerCase(Locale.ROOT);
    return Stream.of("loss", "rank", "perplexity").anyMatch(name::endsWith)
        ? Better.LOWER
        : Better.HIGHER;
  }

  /// As a recipe and a checkpoint name it.
  public String metric() {
    return evaluation + "." + figure;
  }

  /// Its value in a report; empty for a report of another evaluation, and where it is not finite.
  ///
  /// @throws DataException when the evaluation has no such figure, naming those that it has
  public OptionalDouble of(EvaluationReport report) throws DataException {
    if (!report.name().equals(evaluation)) {
      return OptionalDouble.empty();
    }
    Double value = report.metrics().get(figure);
    if (value == null) {
      throw new DataException(
          "%s: the evaluation '%s' has no figure '%s'; it has %s"
              .formatted(
                  metric(), evaluation, figure, String.join(", ", report.metrics().keySet())));
    }
    return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  /// Whether a value is better than another by more than a gain.
  public boolean isBetter(double value, double than, double leastGain) {
    return switch (better) {
      case HIGHER -> value - than > leastGain;
      case LOWER -> than - value > leastGain;
    };
  }
}
