package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.BuildVersion;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.config.DataException;
import dev.eosin.run.RunReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin report`: the page of a run folder, anew.
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = {
      "Write report.html of a run: curves, scores, settings and fingerprints, as its files say. A training"
          + " writes it at its end; this does so at any time. Evaluations write theirs themselves."
    })
public final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "A run folder.")
  private Path folder = Path.of("");

  @Override
  public Integer call() throws DataException {
    Path page = RunReport.write(folder, BuildVersion.current());
    PrintWriter out = spec.commandLine().getOut();
    out.println(page);
    out.flush();
    return ExitCode.DONE;
  }
}
