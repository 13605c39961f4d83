package dev.eosin.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The numbers of a run's `log.jsonl`, as curves.
///
/// @param steps of updates `[n]`
/// @param updates by field the values at these steps; not a number where a row lacks it
/// @param evaluations by name the measurements, in the order of their steps
public record TrainingLog(
    List<Long> steps, Map<String, List<Double>> updates, Map<String, List<Measured>> evaluations) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STEP = "step";
  private static final String EVALUATION = "eval";

  /// An evaluation at a step.
  ///
  /// @param figures all of them
  /// @param labels of the classes that it tells apart; none where it tells no single classes
  /// @param counts rows by true class, how often each was found
  public record Measured(
      long step,
      Map<String, Measurement.Figure> figures,
      List<String> labels,
      List<List<Long>> counts) {
    private static final List<String> OF_CLASS = List.of("recall", "precision", "f1");

    public Measured {
      figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
      labels = List.copyOf(labels);
      counts = List.copyOf(counts);
    }

    /// What comes before the name of a class in its figures: `recall`, `knn.recall`.
    List<String> byClass() {
      return figures.keySet().stream().flatMap(name -> stem(name).stream()).distinct().toList();
    }

    /// Figures of all classes together.
    List<String> overall() {
      return figures.keySet().stream().filter(name -> stem(name).isEmpty()).toList();
    }

    private Optional<String> stem(String figure) {
      return labels.stream()
          .filter(label -> OF_CLASS.stream().anyMatch(kind -> figure.endsWith(kind + "." + label)))
          .findFirst()
          .map(label -> figure.substring(0, figure.length() - label.length() - 1));
    }
  }

  public TrainingLog {
    steps = List.copyOf(steps);
    updates = Collections.unmodifiableMap(new LinkedHashMap<>(updates));
    evaluations = Collections.unmodifiableMap(new LinkedHashMap<>(evaluations));
  }

  /// Reads a log that may be growing: a torn last line is passed over. A log that is missing is
  /// empty.
  ///
  /// @throws DataException when it cannot be read
  public static TrainingLog read(Path log) throws DataException {
    List<Long> steps = new ArrayList<>();
    List<JsonNode> rows = new ArrayList<>();
    Map<String, List<Measured>> evaluations = new LinkedHashMap<>();
    if (Files.exists(log)) {
      try (BufferedReader lines = Files.newBufferedReader(log, StandardCharsets.ISO_8859_1)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          add(line, steps, rows, evaluations);
        }
      } catch (IOException e) {
        throw new DataException(log + ": cannot be read: " + AtomicFile.reason(e), e);
      }
    }
    return new TrainingLog(steps, series(rows), evaluations);
  }

  private static void add(
      String line, List<Long> steps, List<JsonNode> rows, Map<String, List<Measured>> evaluations) {
    JsonNode row;
    try {
      row = JSON.readTree(line);
    } catch (JsonProcessingException torn) {
      return;
    }
    if (row == null || !row.path(STEP).isIntegralNumber()) {
      return;
    }
    long step = row.path(STEP).longValue();
    if (row.has(EVALUATION)) {
      Map<String, Measurement.Figure> figures = new LinkedHashMap<>(Measurement.figures(row));
      figures.keySet().removeIf(name -> !isFigure(name, row.path(name)));
      evaluations
          .computeIfAbsent(row.path(EVALUATION).asText(), _ -> new ArrayList<>())
          .add(measured(step, figures, row.path("confusion")));
    } else {
      steps.add(step);
      rows.add(row);
    }
  }

  private static Measured measured(
      long step, Map<String, Measurement.Figure> figures, JsonNode confusion) {
    List<String> labels = new ArrayList<>();
    confusion.path("labels").forEach(label -> labels.add(label.asText()));
    List<List<Long>> counts = new ArrayList<>();
    for (JsonNode row : confusion.path("rows")) {
      List<Long> found = new ArrayList<>();
      row.forEach(count -> found.add(count.asLong()));
      counts.add(List.copyOf(found));
    }
    boolean square =
        counts.size() == labels.size()
            && counts.stream().allMatch(found -> found.size() == labels.size());
    return square
        ? new Measured(step, figures, labels, counts)
        : new Measured(step, figures, List.of(), List.of());
  }

  /// Rows tell the time and confusion matrices, too.
  private static boolean isFigure(String name, JsonNode value) {
    return !name.equals(STEP) && (value.isNumber() || value.isNull());
  }

  private static Map<String, List<Double>> series(List<JsonNode> rows) {
    Map<String, List<Double>> series = new LinkedHashMap<>();
    for (int i = 0; i < rows.size(); i++) {
      for (Map.Entry<String, JsonNode> field : rows.get(i).properties()) {
        if (isFigure(field.getKey(), field.getValue())) {
          List<Double> values = series.computeIfAbsent(field.getKey(), _ -> new ArrayList<>());
          while (values.size() < i) {
            values.add(Double.NaN);
          }
          values.add(Measurement.number(field.getValue()));
        }
      }
    }
    for (List<Double> values : series.values()) {
      while (values.size() < rows.size()) {
        values.add(Double.NaN);
      }
    }
    return series;
  }
}
