package dev.eosin.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.eval.samples.SamplesFile;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.file.OutputPlace;
import dev.eosin.group.Group;
import dev.eosin.recipe.Evaluation;
import dev.eosin.recipe.evaluated.OpenedEvaluations;
import dev.eosin.recipe.found.Measured;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.report.Findings;
import dev.eosin.report.ReportFiles;
import dev.eosin.report.TrainingLog;
import dev.eosin.run.folders.ResultsFolder;
import dev.eosin.run.folders.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Runs recipes that measure something stored, of whatever family.
public final class Evaluations {
  /// The file of the figures, without which a folder has no results.
  public static final String RESULTS = "evaluation.json";

  private static final String TABLE = "evaluation.csv";
  private static final String LOW = "_low";
  private static final String HIGH = "_high";

  /// Where recipes name a model that may be a run.
  private static final List<String> MODELS = List.of("features.path", "model.weights.path");

  private Evaluations() {}

  /// Who listens.
  ///
  /// @param note what a user should know, one line each
  /// @param result told what each evaluation found as soon as it is done, one line or several
  /// @param progress told how far a long one is, one line
  public record Listener(
      Consumer<String> note, Consumer<String> result, Consumer<String> progress) {}

  /// Measures everything, then writes `evaluation.json`, `evaluation.csv` and the resolved recipe;
  /// results of an earlier call are replaced.
  ///
  /// @param version Eosin's
  /// @param stop whether to stop, asked before each measurement, and now and then in long ones
  /// @return the file of the results, written once all is measured; empty when it was asked to
  ///   stop, and the same call goes on
  /// @throws IOException when data, weights or the folder are at fault
  /// @throws dev.eosin.config.MachineException when the device cannot be used
  public static Optional<Path> run(
      Evaluation recipe, String version, Listener listener, BooleanSupplier stop)
      throws IOException {
    return run(recipe, version, listener, stop, Group.ALONE);
  }

  /// As above, by several ranks, which agree on whether to stop; the first one writes.
  public static Optional<Path> run(
      Evaluation recipe, String version, Listener listener, BooleanSupplier stop, Group group)
      throws IOException {
    ResultsFolder.requireNoOther(recipe.folder(), Evaluation.class);
    OutputPlace.requireRoom(recipe.folder().resolve(RESULTS));
    try (OpenedEvaluation opened = OpenedEvaluations.open(recipe, group)) {
      opened.notes().forEach(listener.note());
      List<Measured> results = new ArrayList<>();
      for (OpenedEvaluation.Measure measure : opened.evaluations()) {
        // Asked here for those that never ask: a probe or a bootstrap ends, the next does not
        // begin.
        if (group.any(stop.getAsBoolean())) {
          return Optional.empty();
        }
        Optional<Measured> result =
            measure.run(new OpenedEvaluation.Watch(listener.progress(), stop));
        // The first rank may still compute what others have no part in.
        group.meet(Group.Work.CHECKPOINT);
        if (group.any(result.isEmpty())) {
          return Optional.empty();
        }
        result.orElseThrow().lines().forEach(listener.result());
        results.add(result.orElseThrow());
      }
      Path file = recipe.folder().resolve(RESULTS);
      if (group.isFirst()) {
        write(recipe, version, opened, results, file);
        opened.written();
      }
      group.meet(Group.Work.CHECKPOINT);
      return Optional.of(file);
    }
  }

  private static void write(
      Evaluation recipe, String version, OpenedEvaluation opened, List<Measured> results, Path file)
      throws IOException {
    ObjectNode json = new ObjectMapper().createObjectNode().put("eosin", version);
    ObjectNode inputs = json.putObject("inputs");
    opened.inputs().forEach(inputs::put);
    ObjectNode evaluations = json.putObject("evaluations");
    ObjectNode details = json.objectNode();
    for (Measured result : results) {
      ObjectNode metrics = evaluations.putObject(result.report().name());
      result.report().metrics().forEach((name, value) -> put(metrics, name, value));
      if (!result.details().isEmpty()) {
        details.putObject(result.report().name()).setAll(result.details());
      }
    }
    if (!details.isEmpty()) {
      json.set("details", details);
    }
    try {
      Files.createDirectories(recipe.folder());
    } catch (IOException e) {
      throw new DataException(
          recipe.folder() + ": cannot be made: " + AtomicFile.unmade(recipe.folder(), e), e);
    }
    remove(file);
    ResultsFolder.keep(recipe);
    SequencedMap<String, SampleResults> samples = new LinkedHashMap<>();
    results.forEach(
        each -> each.samples().ifPresent(found -> samples.put(each.report().name(), found)));
    SamplesFile.write(recipe.folder().resolve(SamplesFile.NAME), samples);
    AtomicFile.write(recipe.folder().resolve(TABLE), FileContent.text(table(results)));
    AtomicFile.write(file, FileContent.text(json.toPrettyString() + "\n"));
    ReportFiles.write(recipe.folder(), findings(recipe, opened, results, json, samples));
  }

  /// Results of an earlier call go first: they never lie beside samples of this one, with which
  /// models would be compared.
  private static void remove(Path earlier) throws DataException {
    try {
      Files.deleteIfExists(earlier);
    } catch (IOException e) {
      throw new DataException(earlier + ": cannot be replaced: " + AtomicFile.reason(e), e);
    }
  }

  private static Findings findings(
      Evaluation recipe,
      OpenedEvaluation opened,
      List<Measured> results,
      ObjectNode json,
      SequencedMap<String, SampleResults> samples)
      throws IOException {
    Set<String> notes = new LinkedHashSet<>(opened.notes());
    results.forEach(each -> notes.addAll(each.notes()));
    return new Findings(
        String.valueOf(recipe.folder().toAbsolutePath().normalize().getFileName()),
        json,
        samples,
        opened.maps(),
        opened.hits(),
        opened.pictures(),
        recipe.resolved().text(),
        List.copyOf(notes),
        training(recipe));
  }

  /// Of the run that is measured, where it is one.
  private static Optional<TrainingLog> training(Evaluation recipe) throws IOException {
    for (String key : MODELS) {
      Optional<Path> model = recipe.resolved().value(key).map(Path::of);
      if (model.isPresent() && RunFolder.isRun(model.get())) {
        return Optional.of(TrainingLog.read(RunFolder.log(model.get())));
      }
    }
    return Optional.empty();
  }

  /// A line for each figure, with its interval where it has one.
  private static String table(List<Measured> results) {
    StringBuilder table = new StringBuilder("evaluation,figure,value,low,high\n");
    for (Measured result : results) {
      Map<String, Double> metrics = result.report().metrics();
      metrics.forEach(
          (name, value) -> {
            boolean bound =
                (name.endsWith(LOW) && metrics.containsKey(stem(name, LOW)))
                    || (name.endsWith(HIGH) && metrics.containsKey(stem(name, HIGH)));
            if (!bound) {
              table
                  .append(quoted(result.report().name()))
                  .append(',')
                  .append(quoted(name))
                  .append(',')
                  .append(number(value))
                  .append(',')
                  .append(number(metrics.getOrDefault(name + LOW, Double.NaN)))
                  .append(',')
                  .append(number(metrics.getOrDefault(name + HIGH, Double.NaN)))
                  .append('\n');
            }
          });
    }
    return table.toString();
  }

  private static String stem(String name, String ending) {
    return name.substring(0, name.length() - ending.length());
  }

  private static String number(double value) {
    return Double.isFinite(value) ? Double.toString(value) : "";
  }

  private static String quoted(String text) {
    return text.matches("[^\",\\n\\r]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  /// JSON has no number that is not finite.
  private static void put(ObjectNode metrics, String name, double value) {
    if (Double.isFinite(value)) {
      metrics.put(name, value);
    } else {
      metrics.putNull(name);
    }
  }
}
