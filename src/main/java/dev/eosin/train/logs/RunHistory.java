package dev.eosin.train.logs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.train.ConfusionCounts;
import dev.eosin.train.EvaluationReport;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// What a run's `log.jsonl` says so far, for summaries and comparisons.
///
/// @param steps updates done
/// @param loss mean over the last [#WINDOW] updates whose loss was finite; empty before the first
/// @param imagesPerSecond median over the same updates
/// @param evaluations all of them, in the order they ran in
public record RunHistory(
    long steps,
    OptionalDouble loss,
    OptionalDouble imagesPerSecond,
    List<EvaluationReport> evaluations) {
  /// Updates that the loss and the speed are taken over.
  public static final int WINDOW = 100;

  private static final ObjectMapper JSON = new ObjectMapper();

  public RunHistory {
    evaluations = List.copyOf(evaluations);
  }

  /// Reads a log that may be growing: a torn last line and what is no row are passed over.
  ///
  /// @throws DataException when the file is there and cannot be read; one that is missing is empty
  public static RunHistory read(Path log) throws DataException {
    if (!Files.exists(log)) {
      return new RunHistory(0, OptionalDouble.empty(), OptionalDouble.empty(), List.of());
    }
    var rows = new Rows();
    // Latin-1 reads every byte of a torn line; keys and numbers are ASCII.
    try (BufferedReader lines = Files.newBufferedReader(log, StandardCharsets.ISO_8859_1)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        rows.add(line);
      }
    } catch (IOException e) {
      throw new DataException(
          "%s: the log cannot be read: %s".formatted(log, AtomicFile.reason(e)), e);
    }
    return rows.history();
  }

  /// The newest evaluation of each name, in the order of their first appearance.
  public Map<String, EvaluationReport> newest() {
    var newest = new LinkedHashMap<String, EvaluationReport>();
    evaluations.forEach(report -> newest.put(report.name(), report));
    return Collections.unmodifiableMap(newest);
  }

  private static final class Rows {
    private final Deque<Double> losses = new ArrayDeque<>();
    private final Deque<Double> speeds = new ArrayDeque<>();
    private final List<EvaluationReport> evaluations = new ArrayList<>();
    private long steps;

    void add(String line) {
      try {
        JsonNode row = JSON.readTree(line);
        if (row.path("step").isIntegralNumber()) {
          add(row, row.path("step").longValue());
        }
      } catch (JsonProcessingException torn) {
        // The writer drops such a line when the run goes on; so does the reader.
      }
    }

    private void add(JsonNode row, long step) {
      if (row.has("eval")) {
        evaluations.add(
            new EvaluationReport(
                step, row.path("eval").asText(), metrics(row), confusion(row.path("confusion"))));
        return;
      }
      steps = Math.max(steps, step);
      keep(losses, row.path("loss"));
      keep(speeds, row.path("images_per_s"));
    }

    /// What tells which metrics are of single classes.
    private static Optional<ConfusionCounts> confusion(JsonNode found) {
      if (!found.isObject()) {
        return Optional.empty();
      }
      List<String> labels = new ArrayList<>();
      found.path("labels").forEach(label -> labels.add(label.asText()));
      List<List<Long>> rows = new ArrayList<>();
      for (JsonNode row : found.path("rows")) {
        List<Long> counts = new ArrayList<>();
        row.forEach(count -> counts.add(count.longValue()));
        rows.add(counts);
      }
      return Optional.of(new ConfusionCounts(labels, rows));
    }

    private static Map<String, Double> metrics(JsonNode row) {
      var metrics = new LinkedHashMap<String, Double>();
      row.properties()
          .forEach(
              field -> {
                if (!field.getKey().equals("step") && field.getValue().isNumber()) {
                  metrics.put(field.getKey(), field.getValue().doubleValue());
                }
              });
      return metrics;
    }

    private static void keep(Deque<Double> window, JsonNode value) {
      if (value.isNumber()) {
        window.addLast(value.doubleValue());
      }
      if (window.size() > WINDOW) {
        window.removeFirst();
      }
    }

    RunHistory history() {
      OptionalDouble loss = losses.stream().mapToDouble(Double::doubleValue).average();
      double[] sorted = speeds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      OptionalDouble median =
          sorted.length == 0
              ? OptionalDouble.empty()
              : OptionalDouble.of(sorted[sorted.length / 2]);
      return new RunHistory(steps, loss, median, evaluations);
    }
  }
}
