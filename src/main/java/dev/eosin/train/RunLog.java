package dev.eosin.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.AtomicFile;
import dev.eosin.checkpoint.FileContent;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;

/// `log.jsonl`: one line per update and one per evaluation, each flushed when written.
/// `docs/formats.md` is the specification.
///
/// Opening it cuts it back to the restored step, so a run that was killed and resumed has exactly
/// one row per update.
public final class RunLog implements TrainingObserver, AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final Path file;
  private final Writer out;

  private RunLog(Path file, Writer out) {
    this.file = file;
    this.out = out;
  }

  /// Opens or starts a log.
  ///
  /// @param restoredStep updates done in the state that the run goes on from
  /// @param lastEvaluatedStep of that state: rows of later evaluations are cut too
  /// @throws DataException naming the file and the reason
  public static RunLog open(Path file, long restoredStep, OptionalLong lastEvaluatedStep)
      throws DataException {
    try {
      if (Files.exists(file)) {
        cutBack(file, restoredStep, lastEvaluatedStep.orElse(-1));
      }
      return new RunLog(
          file,
          Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException("%s: cannot be opened: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static void cutBack(Path file, long restoredStep, long lastEvaluatedStep)
      throws IOException {
    var kept = new StringBuilder();
    for (String line : Files.readAllLines(file)) {
      if (belongs(line, restoredStep, lastEvaluatedStep)) {
        kept.append(line).append('\n');
      }
    }
    AtomicFile.write(file, FileContent.text(kept.toString()));
  }

  /// A line torn by a kill belongs to nothing.
  private static boolean belongs(String line, long restoredStep, long lastEvaluatedStep) {
    try {
      JsonNode row = JSON.readTree(line);
      long step = row.path("step").asLong(Long.MAX_VALUE);
      return step <= (row.has("eval") ? lastEvaluatedStep : restoredStep);
    } catch (JsonProcessingException torn) {
      return false;
    }
  }

  @Override
  public void step(StepReport report) throws DataException {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    row.put("step", report.step());
    row.put("loss", report.loss());
    row.put("lr", report.learningRate());
    row.put("grad_norm", report.gradientNorm());
    row.put("logit_scale", report.logitScale());
    row.put("images_per_s", Math.round(report.imagesPerSecond() * 1000) / 1000.0);
    row.put("samples", report.samples());
    row.put("ranks", report.ranks());
    write(row);
  }

  @Override
  public void evaluation(EvaluationReport report) throws DataException {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    row.put("step", report.step());
    row.put("eval", report.name());
    report.metrics().forEach(row::put);
    write(row);
  }

  @Override
  public void note(String message) {}

  private void write(ObjectNode row) throws DataException {
    try {
      out.write(row.toString());
      out.write('\n');
      out.flush();
    } catch (IOException e) {
      throw new DataException("%s: cannot be written: %s".formatted(file, e.getMessage()), e);
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
