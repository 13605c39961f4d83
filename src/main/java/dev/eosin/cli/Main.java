package dev.eosin.cli;

import dev.eosin.cli.recipes.DoctorCommand;
import dev.eosin.cli.terminal.BuildVersion;
import dev.eosin.cli.terminal.Colours;
import dev.eosin.cli.terminal.ErrorReport;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.Termination;
import dev.eosin.config.ByteSize;
import dev.eosin.config.CountOrAuto;
import dev.eosin.config.Seconds;
import dev.eosin.train.ProductsOrAuto;
import dev.eosin.train.machine.Processor;
import dev.eosin.train.machine.Recomputation;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/// The `eosin` command; what it can do is in [Subcommands].
@Command(
    name = "eosin",
    description = "Trains pathology vision-language models.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = BuildVersion.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:other failure",
      "2:wrong usage or recipe",
      "3:missing or bad data or file",
      "130, 143:stopped by SIGINT, SIGTERM; what was done is saved"
    })
public final class Main {
  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of an error.")
  private boolean debug;

  Main() {}

  /// Runs a command and ends the process with its exit code.
  public static void main(String[] args) {
    Termination.endAtOnce();
    boolean doctor = args.length > 0 && args[0].equals(DoctorCommand.NAME);
    if (doctor) {
      DoctorCommand.loadAhead();
    }
    int code = run(commandLine(List.of(args)), args);
    if (doctor) {
      // libtorch takes a tenth of all the time to take itself apart, and nothing is left to save.
      System.out.flush();
      System.err.flush();
      Runtime.getRuntime().halt(code);
    }
    System.exit(code);
  }

  /// What starts another process like this one, up to the name of a command.
  public static List<String> thisProcess() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    return command;
  }

  /// The command line without its effects on the process, for tests and for shell completion.
  public static CommandLine commandLine() {
    Main main = new Main();
    return configured(Subcommands.addAll(new CommandLine(main)), main);
  }

  /// The command line with as many subcommands as these arguments ask for.
  static CommandLine commandLine(List<String> arguments) {
    Main main = new Main();
    return configured(Subcommands.addFor(arguments, new CommandLine(main)), main);
  }

  private static CommandLine configured(CommandLine command, Main main) {
    return EnumWords.register(command)
        .setColorScheme(Help.defaultColorScheme(Colours.ofStdout().shown() ? Ansi.ON : Ansi.OFF))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .registerConverter(CountOrAuto.class, text -> parsed(CountOrAuto::parse, text))
        .registerConverter(
            Processor.class, text -> parsed(Processor::parse, text.toLowerCase(Locale.ROOT)))
        .registerConverter(Seconds.class, text -> parsed(Seconds::parse, text))
        .registerConverter(ByteSize.class, text -> parsed(ByteSize::parse, text))
        .registerConverter(ProductsOrAuto.class, text -> parsed(ProductsOrAuto::parse, text))
        .registerConverter(Recomputation.class, text -> parsed(Recomputation::parse, text))
        .setExecutionExceptionHandler(main::report)
        .setParameterExceptionHandler(Main::reportUsage);
  }

  private static <T> T parsed(Function<String, T> parse, String text) {
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException wrong) {
      throw new TypeConversionException(String.valueOf(wrong.getMessage()));
    }
  }

  // picocli reports exceptions only; an Error would end in the JVM's own stack trace.
  private static int run(CommandLine command, String[] args) {
    try {
      return command.execute(args);
    } catch (Error failure) {
      ErrorReport report = ErrorReport.of(failure);
      report.print(command.getErr(), failure, false);
      return report.exitCode();
    }
  }

  private int report(Exception thrown, CommandLine command, ParseResult ignored) {
    Exception failure = RecipeLines.in(thrown, command.getCommandSpec());
    ErrorReport report = ErrorReport.of(failure);
    report.print(command.getErr(), failure, debug);
    return report.exitCode();
  }

  private static int reportUsage(CommandLine.ParameterException failure, String[] ignored) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(Colours.ofStderr().bad("eosin:") + " " + failure.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(failure, err);
    err.println("Try '%s --help'.".formatted(command.getCommandSpec().qualifiedName()));
    err.flush();
    return ExitCode.USAGE;
  }
}
