package dev.eosin.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.recipe.Evaluation;
import dev.eosin.recipe.OpenedEvaluation;
import dev.eosin.tensor.Engine;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.Scheduled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Runs recipes that measure a stored model, of whatever family.
public final class Evaluations {
  private static final String RESULTS = "evaluation.json";

  private Evaluations() {}

  /// Who listens.
  ///
  /// @param note what a user should know, one line each
  /// @param report told of each evaluation as soon as it is done
  public record Listener(Consumer<String> note, Consumer<EvaluationReport> report) {}

  /// Measures everything, then writes `evaluation.json` and the resolved recipe; results of an
  /// earlier call are replaced.
  ///
  /// @param version Eosin's
  /// @return the file of the results; nothing is written before all is measured
  /// @throws IOException when data, weights or the folder are at fault
  /// @throws dev.eosin.config.MachineException when the device cannot be used
  public static Path run(Evaluation recipe, String version, Listener listener) throws IOException {
    ResultsFolder.requireNoOther(recipe.folder(), Evaluation.class);
    Engine engine = recipe.compute().start();
    try (OpenedEvaluation opened = recipe.open(engine)) {
      opened.notes().forEach(listener.note());
      List<EvaluationReport> reports = new ArrayList<>();
      for (Scheduled scheduled : opened.evaluations()) {
        EvaluationReport report = scheduled.evaluation().run(0).orElseThrow(); // nobody stops it
        listener.report().accept(report);
        reports.add(report);
      }
      return write(recipe, version, opened, reports);
    }
  }

  private static Path write(
      Evaluation recipe, String version, OpenedEvaluation opened, List<EvaluationReport> reports)
      throws IOException {
    ObjectNode json = new ObjectMapper().createObjectNode().put("eosin", version);
    ObjectNode inputs = json.putObject("inputs");
    opened.inputs().forEach(inputs::put);
    ObjectNode evaluations = json.putObject("evaluations");
    for (EvaluationReport report : reports) {
      ObjectNode metrics = evaluations.putObject(report.name());
      report.metrics().forEach((name, value) -> put(metrics, name, value));
    }
    Path file = recipe.folder().resolve(RESULTS);
    try {
      Files.createDirectories(recipe.folder());
    } catch (IOException e) {
      throw new DataException(recipe.folder() + ": cannot be made: " + AtomicFile.reason(e), e);
    }
    ResultsFolder.keep(recipe);
    AtomicFile.write(file, FileContent.text(json.toPrettyString() + "\n"));
    return file;
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
