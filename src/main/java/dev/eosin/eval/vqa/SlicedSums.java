package dev.eosin.eval.vqa;

import dev.eosin.eval.Interval;
import dev.eosin.eval.SumBootstrap;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.Control;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The sums of one scorer, by slice, control and picture.
final class SlicedSums {
  private final Scorer scorer;
  private final Map<Slice, Map<Control, Sums>> slices =
      new TreeMap<>(Comparator.comparing(Slice::by).thenComparing(Slice::value));

  /// Whose sums they are.
  ///
  /// @param shown the other picture that was shown; none where the question's own was, or none
  private record Unit(String name, Optional<String> shown) {
    static Unit of(Turn turn) {
      AnswerRow first = turn.first();
      boolean other = first.control() == Control.OTHER_IMAGE;
      return new Unit(turn.unit(), other ? first.image() : Optional.empty());
    }
  }

  private static final class Sums {
    private final Map<Unit, double[]> byUnit = new LinkedHashMap<>();
    private final Set<String> units = new HashSet<>();
    private final Set<String> questions = new HashSet<>();
    private int rows;

    private void add(Turn turn, double[] sums) {
      double[] unit = byUnit.computeIfAbsent(Unit.of(turn), unknown -> new double[sums.length]);
      for (int i = 0; i < sums.length; i++) {
        unit[i] += sums[i];
      }
      units.add(turn.unit());
      questions.add(turn.first().id());
      rows += turn.rotations().size();
    }

    private double[] total() {
      double[] total = new double[byUnit.values().iterator().next().length];
      for (double[] unit : byUnit.values()) {
        for (int i = 0; i < total.length; i++) {
          total[i] += unit[i];
        }
      }
      return total;
    }

    private SumBootstrap bootstrap(RandomKey key, int resamples) {
      if (byUnit.keySet().stream().anyMatch(unit -> unit.shown().isEmpty())) {
        return new SumBootstrap(key, resamples, List.copyOf(byUnit.values()));
      }
      Map<String, Integer> asked = new HashMap<>();
      Map<String, Integer> shown = new HashMap<>();
      List<SumBootstrap.Cell> cells = new ArrayList<>();
      byUnit.forEach(
          (unit, sums) ->
              cells.add(
                  new SumBootstrap.Cell(
                      place(asked, unit.name()), place(shown, unit.shown().orElseThrow()), sums)));
      return SumBootstrap.crossed(key, resamples, cells);
    }

    private static int place(Map<String, Integer> places, String name) {
      Integer known = places.putIfAbsent(name, places.size());
      return known == null ? places.size() - 1 : known;
    }
  }

  SlicedSums(Scorer scorer, List<Turn> turns) {
    this.scorer = scorer;
    for (Turn turn : turns) {
      AnswerRow first = turn.first();
      if (scorer.judges(first.type())) {
        double[] sums = new double[scorer.width()];
        scorer.add(turn.rotations(), sums);
        Slice.of(first).forEach(slice -> sums(slice, first.control()).add(turn, sums));
      }
    }
  }

  private Sums sums(Slice slice, Control control) {
    return slices
        .computeIfAbsent(slice, unknown -> new TreeMap<>())
        .computeIfAbsent(control, unknown -> new Sums());
  }

  /// By figure, slice and control; nothing where the scorer judged nothing.
  List<Score> scores(RandomKey key, int resamples) {
    List<List<Score>> byMetric = new ArrayList<>();
    scorer.metrics().forEach(metric -> byMetric.add(new ArrayList<>()));
    slices.forEach(
        (slice, controls) ->
            controls.forEach(
                (control, sums) -> {
                  Optional<SumBootstrap> bootstrap =
                      resamples == 0
                          ? Optional.empty()
                          : Optional.of(sums.bootstrap(key, resamples));
                  for (int metric = 0; metric < byMetric.size(); metric++) {
                    byMetric.get(metric).add(score(metric, slice, control, sums, bootstrap));
                  }
                }));
    return byMetric.stream().flatMap(List::stream).toList();
  }

  private Score score(
      int metric, Slice slice, Control control, Sums sums, Optional<SumBootstrap> bootstrap) {
    Optional<Interval> interval =
        bootstrap.flatMap(drawn -> drawn.interval(each -> scorer.value(metric, each)));
    return new Score(
        scorer.name(),
        scorer.metrics().get(metric),
        slice,
        control,
        scorer.value(metric, sums.total()),
        interval,
        sums.questions.size(),
        sums.rows,
        sums.units.size());
  }
}
