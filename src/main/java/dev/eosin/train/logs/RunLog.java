package dev.eosin.train.logs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.train.ConfusionCounts;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.LossScaling;
import dev.eosin.train.StepReport;
import dev.eosin.train.TrainingObserver;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.OptionalLong;

/// `log.jsonl`, the run's numbers, one JSON object per line: a training row per update, an
/// evaluation row per evaluation.
///
/// ```
/// {"step":0,"eval":"tiles","zero_shot_top1":0.12,...,"time":"2026-01-31T12:00:00.000Z"}
/// {"step":1,"loss":2.1,"lr":1.0E-4,"grad_norm":3.2,"logit_scale":14.3,"images_per_s":81.0,"data_wait":0.02,"samples":64,"ranks":1,"truncated":0.31,"sampled":0.0,"time":"2026-01-31T12:00:01.200Z"}
/// ```
///
/// What stands between `grad_norm` and `images_per_s` is the family's own, see
/// [dev.eosin.train.Learner#figures]. `time` is the clock's when the row was written. An evaluation
/// that tells single classes has `confusion`, too: `labels`, and `rows` by true class. On several
/// ranks training rows have `rank_samples`, the samples of each in this step, and where a
/// checkpoint follows `weights`, a digest that is the same on all ranks. In fp16 training rows have
/// `loss_scale` and `skipped_steps` too, see [LossScaling].
///
/// Each row is one write to the operating system, so a killed process leaves whole rows and at most
/// one torn one. Opening cuts the file back to the restored state: together with a trainer that
/// saves its state only after the rows of that step, a resumed run has one row per update and per
/// evaluation, as if it had never stopped. A number that is not finite is written as null.
public final class RunLog implements TrainingObserver {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final FileChannel channel;
  private final InstantSource clock;

  private RunLog(Path file, FileChannel channel, InstantSource clock) {
    this.file = file;
    this.channel = channel;
    this.clock = clock;
  }

  /// Opens the log of a run that goes on after `step`: rows that will be written again, and what is
  /// no row, are dropped before anything is added.
  ///
  /// @param file made with its folders when missing
  /// @param step updates done in the restored state, 0 for a run that starts
  /// @param lastEvaluatedStep of the restored state: later evaluations will run again
  /// @throws DataException when the file cannot be read or written; it is then unchanged
  public static RunLog open(Path file, long step, OptionalLong lastEvaluatedStep)
      throws DataException {
    return open(file, step, lastEvaluatedStep, InstantSource.system());
  }

  /// As above.
  ///
  /// @param clock of the rows
  public static RunLog open(
      Path file, long step, OptionalLong lastEvaluatedStep, InstantSource clock)
      throws DataException {
    if (Files.exists(file)) {
      cutBack(file, step, lastEvaluatedStep.orElse(-1));
    }
    try {
      Files.createDirectories(file.toAbsolutePath().normalize().getParent());
      return new RunLog(
          file,
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
          clock);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  @Override
  public void step(StepReport report) throws DataException {
    ObjectNode row = JSON.createObjectNode().put("step", report.step());
    put(row, "loss", report.loss());
    put(row, "lr", report.learningRate());
    put(row, "grad_norm", report.gradientNorm());
    report.figures().forEach((key, value) -> put(row, key, value));
    if (report.scaling() instanceof LossScaling.Dynamic scaling) {
      put(row.put("skipped_steps", scaling.skippedSteps()), "loss_scale", scaling.scale());
    }
    put(row, "images_per_s", Math.rint(report.imagesPerSecond() * 1000) / 1000);
    put(row, "data_wait", Math.rint(report.dataWaitShare() * 1000) / 1000);
    row.put("samples", report.samples()).put("ranks", report.ranks());
    put(row, "truncated", report.truncatedShare());
    put(row, "sampled", report.sampledShare());
    report.shares().ifPresent(shares -> put(row, shares));
    write(row);
  }

  @Override
  public void evaluation(EvaluationReport report) throws DataException {
    ObjectNode row = JSON.createObjectNode().put("step", report.step()).put("eval", report.name());
    for (Map.Entry<String, Double> metric : report.metrics().entrySet()) {
      put(row, metric.getKey(), metric.getValue());
    }
    report.confusion().ifPresent(found -> put(row.putObject("confusion"), found));
    write(row);
  }

  /// Notes are for people; the log keeps numbers only.
  @Override
  public void note(String message) {}

  @Override
  public void sync() throws DataException {
    try {
      channel.force(true);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  @Override
  public void close() throws DataException {
    try {
      channel.close();
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private void write(ObjectNode row) throws DataException {
    row.put("time", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
    ByteBuffer line = ByteBuffer.wrap((row + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (line.hasRemaining()) {
        channel.write(line);
      }
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static void put(ObjectNode json, ConfusionCounts found) {
    found.labels().forEach(json.putArray("labels")::add);
    ArrayNode rows = json.putArray("rows");
    found.rows().forEach(row -> row.forEach(rows.addArray()::add));
  }

  private static void put(ObjectNode row, StepReport.RankShares shares) {
    ArrayNode samples = row.putArray("rank_samples");
    shares.samples().forEach(samples::add);
    shares.weights().ifPresent(weights -> row.put("weights", weights));
  }

  private static void put(ObjectNode row, String key, double value) {
    if (Double.isFinite(value)) {
      row.put(key, value);
    } else {
      row.putNull(key);
    }
  }

  private static void cutBack(Path file, long step, long evaluated) throws DataException {
    AtomicFile.write(file, out -> copy(file, step, evaluated, out));
  }

  // Latin-1 keeps every byte of a torn line as it is; keys and numbers are ASCII anyway.
  private static void copy(Path file, long step, long evaluated, OutputStream to)
      throws IOException {
    Writer out = new OutputStreamWriter(to, StandardCharsets.ISO_8859_1);
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (isKept(line, step, evaluated)) {
          out.write(line);
          out.write('\n');
        }
      }
    }
    out.flush();
  }

  private static boolean isKept(String line, long step, long evaluated) {
    try {
      JsonNode row = JSON.readTree(line);
      return row.path("step").isIntegralNumber()
          && row.path("step").longValue() <= (row.has("eval") ? evaluated : step);
    } catch (JsonProcessingException torn) {
      return false;
    }
  }

  private static DataException failure(Path file, IOException e) {
    return new DataException(file + ": the log cannot be written: " + AtomicFile.reason(e), e);
  }
}
