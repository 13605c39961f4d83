package dev.eosin.eval.vqa;

import dev.eosin.eval.answers.Control;
import dev.eosin.eval.samples.Sample;
import dev.eosin.eval.samples.SampleResults;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// What single questions without a control are worth, for those figures that are means over
/// questions; others, such as BLEU of a corpus, follow from no question alone.
final class VqaSamples {
  private static final double TOLERANCE = 1e-12;

  private VqaSamples() {}

  /// @return empty where no figure is a mean
  static Optional<SampleResults> of(List<Turn> turns, List<Scorer> scorers) {
    List<Turn> asked =
        turns.stream().filter(turn -> turn.first().control() == Control.NONE).toList();
    List<String> names = new ArrayList<>();
    List<double[]> figures = new ArrayList<>();
    for (Scorer scorer : scorers) {
      double[][] sums = sums(scorer, asked);
      for (int metric = 0; metric < scorer.metrics().size(); metric++) {
        double[] single = single(scorer, metric, sums);
        if (!names.contains(scorer.metrics().get(metric)) && isMean(scorer, metric, sums, single)) {
          names.add(scorer.metrics().get(metric));
          figures.add(single);
        }
      }
    }
    if (names.isEmpty()) {
      return Optional.empty();
    }
    List<Sample> samples =
        asked.stream()
            .map(
                turn ->
                    new Sample(
                        turn.first().id(),
                        Optional.of(turn.unit()),
                        Optional.of(turn.first().gold())))
            .toList();
    double[][] values =
        IntStream.range(0, asked.size())
            .mapToObj(row -> figures.stream().mapToDouble(figure -> figure[row]).toArray())
            .toArray(double[][]::new);
    return Optional.of(new SampleResults.Valued(names, samples, values));
  }

  /// Of each turn; nothing of those that it does not judge [turns][width].
  private static double[][] sums(Scorer scorer, List<Turn> turns) {
    return turns.stream()
        .map(
            turn -> {
              double[] sums = new double[scorer.width()];
              if (scorer.judges(turn.first().type())) {
                scorer.add(turn.rotations(), sums);
              }
              return sums;
            })
        .toArray(double[][]::new);
  }

  private static double[] single(Scorer scorer, int metric, double[][] sums) {
    return Arrays.stream(sums).mapToDouble(each -> scorer.value(metric, each)).toArray();
  }

  private static boolean isMean(Scorer scorer, int metric, double[][] sums, double[] single) {
    double[] total = new double[scorer.width()];
    for (double[] each : sums) {
      Arrays.setAll(total, i -> total[i] + each[i]);
    }
    double mean = Arrays.stream(single).filter(value -> !Double.isNaN(value)).average().orElse(-1);
    return Math.abs(mean - scorer.value(metric, total)) <= TOLERANCE;
  }
}
