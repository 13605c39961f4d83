package dev.eosin.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.run.RunOverview;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.RunHistory;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin runs`: the runs below a folder, a few lines each.
@Command(
    name = "runs",
    mixinStandardHelpOptions = true,
    description = {
      "List the runs in and below a folder: state, step, training loss (the mean of the last "
          + RunHistory.WINDOW
          + " steps), speed (their median), newest scores.",
      "A run that cannot be read is named on stderr, and the exit code is 3."
    })
final class RunsCommand implements Callable<Integer> {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm");

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "DIR",
      defaultValue = "runs",
      description = "Where to look (default: ${DEFAULT-VALUE}).")
  private Path folder = Path.of("runs");

  @Option(names = "--json", description = "Print one JSON array instead.")
  private boolean json;

  @Override
  public Integer call() throws DataException {
    RunOverview.Found found = RunOverview.under(folder);
    List<RunOverview> runs = found.runs();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ArrayNode array = new ObjectMapper().createArrayNode();
      runs.forEach(run -> fill(array.addObject(), run));
      out.println(array.toPrettyString());
    } else if (runs.isEmpty() && found.unreadable().isEmpty()) {
      out.printf("no runs in %s%n", folder);
    } else {
      runs.forEach(run -> print(out, run));
    }
    out.flush();
    PrintWriter err = spec.commandLine().getErr();
    found.unreadable().forEach(err::println);
    err.flush();
    return found.unreadable().isEmpty() ? ExitCode.DONE : ExitCode.DATA;
  }

  private static void print(PrintWriter out, RunOverview run) {
    out.printf(
        "%s  %s, %s, step %d of %s%s%s  (%s)%n",
        run.folder(),
        name(run),
        run.model(),
        run.history().steps(),
        run.length().orElse("an unknown length"),
        loss(run.history()),
        number(", %.1f images/s", run.history().imagesPerSecond()),
        TIME.format(run.changed().atZone(ZoneId.systemDefault())));
    for (EvaluationReport report : run.history().newest().values()) {
      out.printf("    %s at step %d: %s%n", report.name(), report.step(), report.text());
    }
  }

  private static String loss(RunHistory history) {
    return number(", training loss %.4f", history.loss())
        + (history.loss().isPresent()
            ? " (mean of the last %d steps)".formatted(Math.min(history.steps(), RunHistory.WINDOW))
            : "");
  }

  private static String number(String format, OptionalDouble value) {
    return value.isPresent() ? format.formatted(value.getAsDouble()) : "";
  }

  private static String name(RunOverview run) {
    return run.state().name().toLowerCase(Locale.ROOT);
  }

  private static void fill(ObjectNode node, RunOverview run) {
    node.put("folder", run.folder().toString());
    node.put("state", name(run));
    node.put("model", run.model());
    node.put("step", run.history().steps());
    run.length().ifPresent(length -> node.put("length", length));
    run.history().loss().ifPresent(loss -> node.put("loss", loss));
    run.history().imagesPerSecond().ifPresent(speed -> node.put("images_per_s", speed));
    node.put("changed", run.changed().toString());
    ObjectNode evaluations = node.putObject("evaluations");
    for (EvaluationReport report : run.history().newest().values()) {
      ObjectNode evaluation = evaluations.putObject(report.name()).put("step", report.step());
      report.metrics().forEach(evaluation::put);
    }
  }
}
