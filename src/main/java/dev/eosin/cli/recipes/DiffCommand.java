package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.Colours;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.config.DataException;
import dev.eosin.config.Difference;
import dev.eosin.run.folders.RunComparison;
import dev.eosin.run.folders.RunOverview;
import dev.eosin.train.logs.RunHistory;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin diff`: what two runs do not share, and what came of it.
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "Compare two run folders: every key of the resolved recipes that differs, and the "
          + "scores at the last step at which both were measured."
    })
public final class DiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "A run folder.")
  private Path first = Path.of("");

  @Parameters(index = "1", paramLabel = "OTHER", description = "The run to compare it with.")
  private Path second = Path.of("");

  @Override
  public Integer call() throws DataException {
    var comparison = RunComparison.of(RunOverview.of(first), RunOverview.of(second));
    PrintWriter out = spec.commandLine().getOut();
    if (comparison.differences().isEmpty()) {
      out.println("the recipes are the same");
    }
    Colours colours = Colours.ofStdout();
    for (Difference difference : comparison.differences()) {
      out.println(shown(colours, difference));
    }
    numbers(out, comparison);
    out.flush();
    return ExitCode.DONE;
  }

  private static Difference shown(Colours colours, Difference difference) {
    return new Difference(
        colours.strong(difference.key()),
        colours.doubtful(difference.before()),
        colours.good(difference.after()));
  }

  private static void numbers(PrintWriter out, RunComparison comparison) {
    RunOverview first = comparison.first();
    RunOverview second = comparison.second();
    out.printf("step  %d -> %d%n", first.history().steps(), second.history().steps());
    pair(
        out,
        "training loss (mean of the last %d steps)".formatted(RunHistory.WINDOW),
        first.history().loss(),
        second.history().loss());
    pair(out, "images/s", first.history().imagesPerSecond(), second.history().imagesPerSecond());
    comparison
        .metrics()
        .forEach(
            (name, metric) ->
                out.printf(
                    Locale.ROOT,
                    "%s at step %d  %.4f -> %.4f  (%+.4f)%n",
                    name,
                    metric.step(),
                    metric.first(),
                    metric.second(),
                    metric.second() - metric.first()));
    for (String name : comparison.unmatched()) {
      out.printf("%s  was never measured at the same step in both%n", name);
    }
  }

  private static void pair(
      PrintWriter out, String name, OptionalDouble first, OptionalDouble second) {
    if (first.isPresent() && second.isPresent()) {
      out.printf(
          Locale.ROOT, "%s  %.4f -> %.4f%n", name, first.getAsDouble(), second.getAsDouble());
    }
  }
}
