package dev.eosin.cli.recipes;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.cli.terminal.Colours;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.Terminal;
import dev.eosin.config.DataException;
import dev.eosin.run.folders.RunOverview;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.logs.RunHistory;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
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
          + " steps), speed (their median), newest scores (the first three of each evaluation;"
          + " --json and 'eosin report' have all).",
      "A run that cannot be read is named on stderr, and the exit code is 3."
    })
public final class RunsCommand implements Callable<Integer> {
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
      int columns = Terminal.isStdout() ? new Terminal().getAsInt() : Integer.MAX_VALUE;
      var lines = new RunLines(Colours.ofStdout(), columns);
      runs.forEach(run -> lines.of(run).forEach(out::println));
    }
    out.flush();
    PrintWriter err = spec.commandLine().getErr();
    found.unreadable().forEach(err::println);
    err.flush();
    return found.unreadable().isEmpty() ? ExitCode.DONE : ExitCode.DATA;
  }

  private static void fill(ObjectNode node, RunOverview run) {
    node.put("folder", run.folder().toString());
    node.put("state", RunLines.state(run));
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
