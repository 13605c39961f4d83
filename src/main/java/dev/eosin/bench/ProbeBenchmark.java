package dev.eosin.bench;

import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.config.DataException;
import dev.eosin.eval.probes.LogisticRegression;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Seconds of a logistic regression on features. What counts is the time to a minimum: of rising
/// exactness the first is timed whose objective is within a millionth of the best.
///
/// @param rows of made-up features, where none are read
/// @param width of a row
/// @param classes number of classes
/// @param c inverse strength of the regularisation
/// @param rounds timed, after those that choose the exactness
public record ProbeBenchmark(int rows, int width, int classes, double c, int rounds) {
  private static final double EXACT = 1e-11;
  private static final double ENOUGH = 1e-6;
  private static final List<Double> TOLERANCES = List.of(1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8);

  /// How far a class's middle lies from 0, in deviations of a row.
  private static final double APART = 0.12;

  /// @param file with the tensors `features` [n,c] and `labels` `[n]`, such as the peer's script
  ///   makes
  /// @throws DataException when the file cannot be read
  public String measure(Optional<Path> file) throws IOException {
    LogisticRegression.Rows data = file.isPresent() ? read(file.get()) : madeUp();
    double best = LogisticRegression.fit(data, c, EXACT).objective();
    double tolerance = enough(data, best);
    double[] seconds = new double[rounds];
    double objective = 0;
    for (int round = 0; round < rounds; round++) {
      long started = System.nanoTime();
      objective = LogisticRegression.fit(data, c, tolerance).objective();
      seconds[round] = (System.nanoTime() - started) / 1e9;
    }
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("rows", data.vectors().length);
    settings.put("width", data.vectors()[0].length);
    settings.put("classes", data.count());
    settings.put("c", c);
    settings.put("type", "fp64");
    settings.put("rounds", rounds);
    return new BenchmarkResult("probe")
        .with("seconds", BenchmarkResult.median(seconds))
        .text("tolerance", Double.toString(tolerance))
        .text("objective", Double.toString(objective))
        .text("above_the_best", Double.toString((objective - best) / best))
        .settings(settings)
        .line();
  }

  private double enough(LogisticRegression.Rows data, double best) {
    for (double tolerance : TOLERANCES) {
      if (LogisticRegression.fit(data, c, tolerance).objective() <= best * (1 + ENOUGH)) {
        return tolerance;
      }
    }
    return EXACT;
  }

  private static LogisticRegression.Rows read(Path file) throws IOException {
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      float[] features = tensors.floats("features");
      int[] labels = Arrays.stream(tensors.longs("labels")).mapToInt(Math::toIntExact).toArray();
      if (labels.length == 0 || features.length % labels.length != 0) {
        throw new DataException(
            "%s: %d numbers of features are none of %d labelled rows"
                .formatted(file, features.length, labels.length));
      }
      int width = features.length / labels.length;
      double[][] vectors = new double[labels.length][width];
      for (int i = 0; i < features.length; i++) {
        vectors[i / width][i % width] = features[i];
      }
      int count = Arrays.stream(labels).max().orElse(0) + 1;
      return LogisticRegression.Rows.equal(vectors, labels, count);
    }
  }

  /// Unit vectors around the middles of their classes.
  private LogisticRegression.Rows madeUp() {
    double[][] middles = new double[classes][width];
    RandomStream random = new RandomKey(1).stream(Purpose.RANDOM_FEATURES, 0, 0);
    for (double[] middle : middles) {
      Arrays.setAll(middle, i -> APART * random.nextGaussian());
    }
    double[][] vectors = new double[rows][width];
    int[] labels = new int[rows];
    for (int row = 0; row < rows; row++) {
      labels[row] = row % classes;
      double[] middle = middles[labels[row]];
      double[] vector = vectors[row];
      double squares = 0;
      for (int i = 0; i < width; i++) {
        vector[i] = middle[i] + random.nextGaussian();
        squares += vector[i] * vector[i];
      }
      double norm = Math.sqrt(squares);
      Arrays.setAll(vector, i -> vector[i] / norm);
    }
    return LogisticRegression.Rows.equal(vectors, labels, classes);
  }
}
