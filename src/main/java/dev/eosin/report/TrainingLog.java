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

/// The numbers of a run's `log.jsonl`, as curves.
///
/// @param steps of updates [n]
/// @param updates by field the values at these steps; not a number where a row lacks it
/// @param evaluations by name the measurements, in the order of their steps
public record TrainingLog(
    List<Long> steps, Map<String, List<Double>> updates, Map<String, List<Measured>> evaluations) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STEP = "step";
  private static final String EVALUATION = "eval";

  /// An evaluation at a step.
  public record Measured(long step, Map<String, Measurement.Figure> figures) {}

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
      String line,
      List<Long> steps,
      List<JsonNode> rows,
      Map<String, List<Measured>> evaluations) {
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
      figures.remove(STEP);
      figures.remove(EVALUATION);
      evaluations
          .computeIfAbsent(row.path(EVALUATION).asText(), _ -> new ArrayList<>())
          .add(new Measured(step, figures));
    } else {
      steps.add(step);
      rows.add(row);
    }
  }

  private static Map<String, List<Double>> series(List<JsonNode> rows) {
    Map<String, List<Double>> series = new LinkedHashMap<>();
    for (int i = 0; i < rows.size(); i++) {
      for (Map.Entry<String, JsonNode> field : rows.get(i).properties()) {
        if (!field.getKey().equals(STEP) && (field.getValue().isNumber() || field.getValue().isNull())) {
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
