package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.Colours;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.train.machine.Finding;
import dev.eosin.train.machine.MachineCheckup;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `eosin doctor`: whether this machine can train.
@Command(
    name = DoctorCommand.NAME,
    mixinStandardHelpOptions = true,
    description = {
      "Check everything a run relies on and say how to mend what is wrong.",
      "Exit code 1 when training cannot work."
    })
public final class DoctorCommand implements Callable<Integer> {
  public static final String NAME = "doctor";

  @Spec private CommandSpec spec;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where runs will be written (default: the working folder).")
  private Path folder = Path.of("");

  /// Begins to start the engine, for which this command waits longest, while its options are read.
  public static void loadAhead() {
    Thread.ofPlatform().daemon().start(MachineCheckup::startAhead);
  }

  @Override
  public Integer call() {
    List<Finding> findings =
        new MachineCheckup(MachineCheckup.Surroundings.inspect(), folder).findings();
    PrintWriter out = spec.commandLine().getOut();
    Colours colours = Colours.ofStdout();
    findings.forEach(finding -> print(out, colours, finding));
    boolean broken =
        findings.stream().anyMatch(finding -> finding.verdict() == Finding.Verdict.BROKEN);
    out.println(
        broken ? colours.bad("training cannot work here yet") : colours.good("ready to train"));
    out.flush();
    return broken ? ExitCode.OTHER : ExitCode.DONE;
  }

  private static void print(PrintWriter out, Colours colours, Finding finding) {
    out.printf(
        "%s %-12s %s%n", word(colours, finding.verdict()), finding.subject(), finding.found());
    finding.mend().ifPresent(mend -> out.printf("%-20s -> %s%n", "", mend));
  }

  private static String word(Colours colours, Finding.Verdict verdict) {
    return switch (verdict) {
      case FINE -> colours.good("ok     ");
      case IMPROVABLE -> colours.doubtful("better:");
      case BROKEN -> colours.bad("BROKEN ");
    };
  }
}
