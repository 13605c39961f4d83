package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.Colours;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.Terminal;
import dev.eosin.train.logs.FittedText;
import dev.eosin.train.machine.Finding;
import dev.eosin.train.machine.MachineCheckup;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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

  /// Where what was found begins.
  private static final int INDENT = 21;

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
    int columns = Terminal.isStdout() ? new Terminal().getAsInt() : Integer.MAX_VALUE;
    findings.forEach(finding -> print(out, colours, columns, finding));
    boolean broken =
        findings.stream().anyMatch(finding -> finding.verdict() == Finding.Verdict.BROKEN);
    out.println(
        broken ? colours.bad("training cannot work here yet") : colours.good("ready to train"));
    out.flush();
    return broken ? ExitCode.OTHER : ExitCode.DONE;
  }

  private static void print(PrintWriter out, Colours colours, int columns, Finding finding) {
    lines(finding, columns).forEach(line -> out.println(coloured(colours, finding, line)));
  }

  /// A finding and how to mend it, broken between words where a terminal is narrower.
  static List<String> lines(Finding finding, int columns) {
    String found =
        "%s %-12s %s".formatted(word(finding.verdict()), finding.subject(), finding.found());
    return Stream.concat(
            Stream.of(FittedText.wrapped(found, columns, INDENT)),
            finding.mend().stream()
                .map(mend -> " ".repeat(INDENT) + "-> " + mend)
                .map(mend -> FittedText.wrapped(mend, columns, INDENT + 3)))
        .toList();
  }

  private static String coloured(Colours colours, Finding finding, String line) {
    String word = word(finding.verdict());
    if (!line.startsWith(word)) {
      return line;
    }
    String shown =
        switch (finding.verdict()) {
          case FINE -> colours.good(word);
          case IMPROVABLE -> colours.doubtful(word);
          case BROKEN -> colours.bad(word);
        };
    return shown + line.substring(word.length());
  }

  private static String word(Finding.Verdict verdict) {
    return switch (verdict) {
      case FINE -> "ok     ";
      case IMPROVABLE -> "better:";
      case BROKEN -> "BROKEN ";
    };
  }
}
