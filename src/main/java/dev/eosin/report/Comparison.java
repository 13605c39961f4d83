package dev.eosin.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.probes.Difference;
import dev.eosin.eval.probes.Resamples;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Models side by side on the same data: each figure of each, and by how much each other model is
/// better than the first on the same resamples.
///
/// @param names of the models, the first of which the others are compared with
/// @param rows by evaluation and figure
/// @param notes what is not compared, one line each
public record Comparison(List<String> names, List<Row> rows, List<String> notes) {
  private static final int RESAMPLES = 1000;

  /// A figure of all models.
  ///
  /// @param values one for each model
  /// @param differences of each other model less the first; empty where samples are not kept
  public record Row(
      String evaluation,
      String figure,
      List<Measurement.Figure> values,
      List<Difference> differences) {
    public Row {
      values = List.copyOf(values);
      differences = List.copyOf(differences);
    }
  }

  public Comparison {
    names = List.copyOf(names);
    rows = List.copyOf(rows);
    notes = List.copyOf(notes);
  }

  /// Compares evaluations.
  ///
  /// @param folders at least two
  /// @throws DataException when their data or rules differ, or they have no evaluation in common
  public static Comparison of(List<MeasuredFolder> folders) throws DataException {
    MeasuredFolder first = folders.getFirst();
    for (MeasuredFolder other : folders.subList(1, folders.size())) {
      SameGround.requireSameInputs(first, other);
    }
    List<Map<String, Measurement>> all = folders.stream().map(Comparison::own).toList();
    Set<String> common = new LinkedHashSet<>(all.getFirst().keySet());
    all.forEach(each -> common.retainAll(each.keySet()));
    List<String> notes = new ArrayList<>();
    for (int i = 0; i < folders.size(); i++) {
      Set<String> alone = new LinkedHashSet<>(all.get(i).keySet());
      alone.removeAll(common);
      if (!alone.isEmpty()) {
        notes.add("%s alone has %s".formatted(folders.get(i).name(), String.join(", ", alone)));
      }
    }
    if (common.isEmpty()) {
      throw new DataException(
          "nothing can be compared: the folders have no evaluation in common: "
              + String.join("; ", notes));
    }
    List<Row> rows = new ArrayList<>();
    for (String name : common) {
      for (MeasuredFolder other : folders.subList(1, folders.size())) {
        SameGround.requireSameRules(name, first, other);
      }
      rows.addAll(rows(name, folders, all, notes));
    }
    return new Comparison(folders.stream().map(MeasuredFolder::name).toList(), rows, notes);
  }

  private static Map<String, Measurement> own(MeasuredFolder folder) {
    Map<String, Measurement> own = new LinkedHashMap<>();
    for (Measurement each : Measurement.of(folder.results().path("evaluations"))) {
      if (each.model().equals(Measurement.MODEL)) {
        own.put(each.name(), each);
      }
    }
    return own;
  }

  private static List<Row> rows(
      String name,
      List<MeasuredFolder> folders,
      List<Map<String, Measurement>> all,
      List<String> notes) {
    List<SampleResults> samples = new ArrayList<>();
    folders.forEach(
        folder -> Optional.ofNullable(folder.samples().get(name)).ifPresent(samples::add));
    List<Map<String, Difference>> differences = new ArrayList<>();
    if (samples.size() == folders.size()) {
      JsonNode details = folders.getFirst().results().path("details").path(name);
      differences.addAll(differences(details, SampleResults.ofCommonFigures(samples)));
    } else {
      notes.add(name + ": no differences with intervals: results of single samples are not kept");
    }
    List<Row> rows = new ArrayList<>();
    for (String figure : Objects.requireNonNull(all.getFirst().get(name)).figures().keySet()) {
      List<Measurement.Figure> values = new ArrayList<>();
      for (Map<String, Measurement> each : all) {
        Optional.ofNullable(Objects.requireNonNull(each.get(name)).figures().get(figure))
            .ifPresent(values::add);
      }
      if (values.size() == all.size()) {
        List<Difference> of =
            differences.stream()
                .filter(each -> each.containsKey(figure))
                .map(each -> Objects.requireNonNull(each.get(figure)))
                .toList();
        rows.add(new Row(name, figure, values, of));
      }
    }
    return rows;
  }

  private static List<Map<String, Difference>> differences(
      JsonNode details, List<SampleResults> samples) {
    JsonNode said = details.at("/bootstrap/resamples");
    int count = said.isNumber() ? said.asInt() : RESAMPLES;
    SampleResults first = samples.getFirst();
    Resamples resamples = first.resamples(new RandomKey(details.path("seed").asLong()));
    return samples.stream()
        .skip(1)
        .map(other -> Difference.of(other.figures(), first.figures(), resamples, count))
        .toList();
  }
}
