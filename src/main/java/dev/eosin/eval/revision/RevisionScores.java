package dev.eosin.eval.revision;

import dev.eosin.eval.Interval;
import dev.eosin.eval.SumBootstrap;
import dev.eosin.eval.samples.Sample;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// What revisions are worth, by what was done to the captions before, under each control, beside
/// those of whoever changes nothing and of whoever always changes something.
///
/// Figures: `detected`, the share of degraded captions that were changed at all; `restored`, of
/// those in which the right words stand at every place again; `restored_by_chance`, what [Chance]
/// says of it where the own image was not seen; `over_corrected`, the share of good captions that
/// were changed; `j` (Youden 1950), detected less over-corrected; `exact`, the share of captions
/// that are the good one; `distance`, the mean distance to it.
///
/// @param scores by whose revisions, operation and figure
/// @param samples what became of each caption whose own image was seen, for those figures that are
///   means over captions; empty where there is none
public record RevisionScores(List<RevisionScore> scores, Optional<SampleResults> samples) {
  /// Revisions that change nothing.
  public static final String COPY_INPUT = "copy-input";

  /// Revisions that always change something, without a look at the image.
  public static final String ALWAYS_EDIT = "always-edit";

  private static final int WIDTH = 10;

  /// A figure as a function of the sums of [#add].
  private enum Figure {
    DETECTED(sums -> sums[1] / sums[0]),
    RESTORED(sums -> sums[2] / sums[0]),
    RESTORED_BY_CHANCE(sums -> sums[3] / sums[4]),
    OVER_CORRECTED(sums -> sums[6] / sums[5]),
    J(sums -> sums[1] / sums[0] - sums[6] / sums[5]),
    EXACT(sums -> sums[8] / sums[7]),
    DISTANCE(sums -> sums[9] / sums[7]);

    private final ToDoubleFunction<double[]> value;

    Figure(ToDoubleFunction<double[]> value) {
      this.value = value;
    }

    /// Whether it is a mean of what single captions give; what chance gives is not of those that
    /// see their own image.
    boolean isMean() {
      return this != J && this != RESTORED_BY_CHANCE;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public RevisionScores {
    scores = List.copyOf(scores);
  }

  /// Scores rows.
  ///
  /// @param rows whose keys differ
  /// @param alwaysEdited the rows without a control, as whoever always changes something has them
  /// @param resamples of images for the intervals; 0 for none
  public static RevisionScores of(
      List<RevisionRow> rows, List<RevisionRow> alwaysEdited, RandomKey key, int resamples) {
    List<RevisionRow> own = rows.stream().filter(row -> row.control() == ShownImage.NONE).toList();
    var chance = new Chance(own.stream().filter(RevisionRow::degraded).toList());
    Map<String, List<RevisionRow>> by = new LinkedHashMap<>();
    for (ShownImage control : ShownImage.values()) {
      by.put(control.written(), rows.stream().filter(row -> row.control() == control).toList());
    }
    by.put(COPY_INPUT, own.stream().map(row -> row.answered(row.corrupted())).toList());
    by.put(ALWAYS_EDIT, alwaysEdited);
    List<RevisionScore> scores = new ArrayList<>();
    by.forEach(
        (of, some) -> {
          scores.addAll(scored(of, RevisionScore.ALL, some, chance, key, resamples));
          for (Operation operation : Operation.values()) {
            List<RevisionRow> those =
                some.stream().filter(row -> row.operation() == operation).toList();
            scores.addAll(scored(of, operation.written(), those, chance, key, resamples));
          }
        });
    return new RevisionScores(scores, samples(own));
  }

  private static List<RevisionScore> scored(
      String of,
      String operation,
      List<RevisionRow> rows,
      Chance chance,
      RandomKey key,
      int resamples) {
    if (rows.isEmpty()) {
      return List.of();
    }
    Map<String, double[]> byImage = new LinkedHashMap<>();
    double[] total = new double[WIDTH];
    for (RevisionRow row : rows) {
      String image = row.image().orElse(row.id());
      add(row, chance, total, byImage.computeIfAbsent(image, unknown -> new double[WIDTH]));
    }
    Optional<SumBootstrap> bootstrap =
        resamples == 0
            ? Optional.empty()
            : Optional.of(new SumBootstrap(key, resamples, List.copyOf(byImage.values())));
    List<RevisionScore> scores = new ArrayList<>();
    for (Figure figure : Figure.values()) {
      double value = figure.value.applyAsDouble(total);
      boolean seen = of.equals(ShownImage.NONE.written());
      if (!Double.isNaN(value) && !(seen && figure == Figure.RESTORED_BY_CHANCE)) {
        Optional<Interval> interval = bootstrap.flatMap(drawn -> drawn.interval(figure.value));
        scores.add(
            new RevisionScore(
                of, operation, figure.word(), value, interval, rows.size(), byImage.size()));
      }
    }
    return scores;
  }

  private static Optional<SampleResults> samples(List<RevisionRow> rows) {
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    List<Sample> samples =
        rows.stream()
            .map(
                row ->
                    new Sample(
                        row.id(),
                        Optional.of(row.image().orElse(row.id())),
                        Optional.of(row.operation().written())))
            .toList();
    List<Figure> means = Arrays.stream(Figure.values()).filter(Figure::isMean).toList();
    double[][] values = new double[rows.size()][];
    var unused = new Chance(List.of());
    for (int row = 0; row < values.length; row++) {
      double[] sums = new double[WIDTH];
      add(rows.get(row), unused, sums);
      values[row] = means.stream().mapToDouble(each -> each.value.applyAsDouble(sums)).toArray();
    }
    List<String> names = means.stream().map(Figure::word).toList();
    return Optional.of(new SampleResults.Valued(names, samples, values));
  }

  private static void add(RevisionRow row, Chance chance, double[]... sums) {
    double[] more = new double[WIDTH];
    if (row.degraded()) {
      Judgement judgement = Judgement.of(row);
      more[0] = 1;
      more[1] = row.changed() ? 1 : 0;
      more[2] = judgement.restored() ? 1 : 0;
      chance
          .of(row, judgement)
          .ifPresent(
              share -> {
                more[3] = share;
                more[4] = 1;
              });
    } else {
      more[5] = 1;
      more[6] = row.changed() ? 1 : 0;
    }
    more[7] = 1;
    more[8] = row.exact() ? 1 : 0;
    more[9] = TextDistance.of(row.answer(), row.target());
    for (double[] each : sums) {
      for (int i = 0; i < WIDTH; i++) {
        each[i] += more[i];
      }
    }
  }

  /// The score of a figure.
  ///
  /// @return empty where nothing can be said
  public Optional<RevisionScore> score(String of, String operation, String metric) {
    return scores.stream()
        .filter(
            each ->
                each.of().equals(of)
                    && each.operation().equals(operation)
                    && each.metric().equals(metric))
        .findFirst();
  }

  /// Figures by their names in logs: of all captions `restored`, with an interval `restored_low`
  /// and `_high`; of each operation `restored_of_modify`; of all captions under a control
  /// `restored_other_image`, and of a baseline `restored_copy_input`.
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (RevisionScore score : scores) {
      boolean own = score.of().equals(ShownImage.NONE.written());
      boolean all = score.operation().equals(RevisionScore.ALL);
      String name = score.metric();
      if (own && all) {
        metrics.put(name, score.value());
        score.interval().ifPresent(found -> metrics.put(name + "_low", found.low()));
        score.interval().ifPresent(found -> metrics.put(name + "_high", found.high()));
      } else if (own) {
        metrics.put(name + "_of_" + score.operation(), score.value());
      } else if (all) {
        metrics.put(name + "_" + score.of().replace('-', '_'), score.value());
      }
    }
    return metrics;
  }
}
