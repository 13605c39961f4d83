package dev.eosin.train.logs;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.LossScaling;
import dev.eosin.train.StepReport;
import dev.eosin.train.TrainingObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// The run's numbers for spreadsheets: `log.csv` has a line for each update, `evaluations.csv` one
/// for each figure of each evaluation. Like [RunLog], both are cut back to the restored state when
/// a run goes on. A number that is not finite is an empty field.
public final class CsvLog implements TrainingObserver {
  private static final String FIGURES_HEADER = "step,time,evaluation,figure,value";

  private final Path steps;
  private final Path figures;
  private final InstantSource clock;
  private List<String> columns;

  private CsvLog(Path steps, Path figures, InstantSource clock, List<String> columns) {
    this.steps = steps;
    this.figures = figures;
    this.clock = clock;
    this.columns = columns;
  }

  /// Opens the log of a run that goes on after `step`.
  ///
  /// @param steps `log.csv`, made when missing
  /// @param figures `evaluations.csv`, made when missing
  /// @param lastEvaluatedStep of the restored state
  /// @throws DataException when a file cannot be read or written
  public static CsvLog open(
      Path steps, Path figures, long step, OptionalLong lastEvaluatedStep, InstantSource clock)
      throws DataException {
    List<String> kept = cutBack(steps, step);
    cutBack(figures, lastEvaluatedStep.orElse(-1));
    List<String> columns = kept.isEmpty() ? List.of() : List.of(kept.getFirst().split(",", -1));
    return new CsvLog(steps, figures, clock, columns);
  }

  /// @return what stays, the header included; nothing where only the header would
  private static List<String> cutBack(Path file, long last) throws DataException {
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
      List<String> kept = new ArrayList<>(lines.stream().limit(1).toList());
      lines.stream().skip(1).filter(line -> isKept(line, kept, last)).forEach(kept::add);
      List<String> written = kept.size() > 1 ? kept : List.of();
      AtomicFile.write(file, out -> write(out, written));
      return written;
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /// A torn last line has fewer fields, or no end of its number of steps.
  private static boolean isKept(String line, List<String> header, long last) {
    String step = line.split(",", 2)[0];
    return step.matches("\\d{1,18}")
        && Long.parseLong(step) <= last
        && line.chars().filter(c -> c == ',').count()
            >= header.getFirst().chars().filter(c -> c == ',').count();
  }

  private static void write(OutputStream to, List<String> lines) throws IOException {
    Writer out = new OutputStreamWriter(to, StandardCharsets.UTF_8);
    for (String line : lines) {
      out.write(line + "\n");
    }
    out.flush();
  }

  @Override
  public void step(StepReport report) throws DataException {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("step", Long.toString(report.step()));
    fields.put("time", now());
    fields.put("loss", number(report.loss()));
    fields.put("lr", number(report.learningRate()));
    fields.put("grad_norm", number(report.gradientNorm()));
    report.figures().forEach((key, value) -> fields.put(key, number(value)));
    if (report.scaling() instanceof LossScaling.Dynamic scaling) {
      fields.put("loss_scale", number(scaling.scale()));
      fields.put("skipped_steps", Long.toString(scaling.skippedSteps()));
    }
    fields.put("images_per_s", number(report.imagesPerSecond()));
    fields.put("data_wait", number(report.dataWaitShare()));
    fields.put("samples", Long.toString(report.samples()));
    fields.put("ranks", Integer.toString(report.ranks()));
    fields.put("truncated", number(report.truncatedShare()));
    fields.put("sampled", number(report.sampledShare()));
    requireColumns(fields);
    append(steps, String.join(",", columns.stream().map(c -> fields.getOrDefault(c, "")).toList()));
  }

  /// A figure that is new gets a column at the end; the lines before have none of it.
  private void requireColumns(Map<String, String> fields) throws DataException {
    List<String> more = fields.keySet().stream().filter(key -> !columns.contains(key)).toList();
    if (more.isEmpty()) {
      return;
    }
    try {
      List<String> lines =
          Files.exists(steps) ? Files.readAllLines(steps, StandardCharsets.UTF_8) : List.of();
      columns = Stream.concat(columns.stream(), more.stream()).toList();
      List<String> wider = new ArrayList<>(List.of(String.join(",", columns)));
      lines.stream().skip(1).forEach(line -> wider.add(line + ",".repeat(more.size())));
      AtomicFile.write(steps, out -> write(out, wider));
    } catch (IOException e) {
      throw failure(steps, e);
    }
  }

  @Override
  public void evaluation(EvaluationReport report) throws DataException {
    List<String> lines = new ArrayList<>();
    if (!Files.exists(figures) || isEmpty(figures)) {
      lines.add(FIGURES_HEADER);
    }
    String time = now();
    report
        .metrics()
        .forEach(
            (figure, value) ->
                lines.add(
                    "%d,%s,%s,%s,%s"
                        .formatted(
                            report.step(), time, report.name(), quoted(figure), number(value))));
    append(figures, String.join("\n", lines));
  }

  private static boolean isEmpty(Path file) throws DataException {
    try {
      return Files.size(file) == 0;
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static String quoted(String text) {
    return text.matches("[^\",\\r\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  private static String number(double value) {
    return Double.isFinite(value) ? Double.toString(value) : "";
  }

  private String now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS).toString();
  }

  private static void append(Path file, String lines) throws DataException {
    try {
      Files.writeString(
          file,
          lines + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  @Override
  public void sync() throws DataException {
    for (Path file : List.of(steps, figures)) {
      if (Files.exists(file)) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.force(true);
        } catch (IOException e) {
          throw failure(file, e);
        }
      }
    }
  }

  /// Notes are for people; the log keeps numbers only.
  @Override
  public void note(String message) {}

  @Override
  public void close() {}

  private static DataException failure(Path file, IOException e) {
    return new DataException(file + ": the log cannot be written: " + AtomicFile.reason(e), e);
  }
}
