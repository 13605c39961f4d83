package dev.eosin.cli;

import dev.eosin.cli.models.ChatCommand;
import dev.eosin.cli.models.ConvertCommand;
import dev.eosin.cli.models.ExportCommand;
import dev.eosin.cli.models.FetchCommand;
import dev.eosin.cli.models.GenerateCommand;
import dev.eosin.cli.models.IndexCommand;
import dev.eosin.cli.models.InspectCommand;
import dev.eosin.cli.models.MergeCommand;
import dev.eosin.cli.models.ScoreCommand;
import dev.eosin.cli.models.SearchCommand;
import dev.eosin.cli.models.ServeCommand;
import dev.eosin.cli.models.TokenizerCommand;
import dev.eosin.cli.recipes.CompareCommand;
import dev.eosin.cli.recipes.DataCommand;
import dev.eosin.cli.recipes.DiffCommand;
import dev.eosin.cli.recipes.DoctorCommand;
import dev.eosin.cli.recipes.ImportArgsCommand;
import dev.eosin.cli.recipes.InfoCommand;
import dev.eosin.cli.recipes.LrFindCommand;
import dev.eosin.cli.recipes.MpiJobCommand;
import dev.eosin.cli.recipes.NewCommand;
import dev.eosin.cli.recipes.OverfitCommand;
import dev.eosin.cli.recipes.ReportCommand;
import dev.eosin.cli.recipes.RunsCommand;
import dev.eosin.cli.recipes.SchemaCommand;
import dev.eosin.cli.recipes.SlurmCommand;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;

/// What `eosin` can do. picocli takes half a second to read the options of all of it, so a call
/// that names a command has that one read, and the list of commands only their descriptions.
final class Subcommands {
  private static final List<Class<?>> ALL =
      List.of(
          TrainCommand.class,
          SweepCommand.class,
          EvaluateCommand.class,
          PrepareCommand.class,
          GenerateCommand.class,
          EmbedCommand.class,
          ScoreCommand.class,
          IndexCommand.class,
          SearchCommand.class,
          ChatCommand.class,
          ServeCommand.class,
          OverfitCommand.class,
          LrFindCommand.class,
          CompareCommand.class,
          ReportCommand.class,
          SlurmCommand.class,
          MpiJobCommand.class,
          RunsCommand.class,
          DiffCommand.class,
          DataCommand.class,
          InspectCommand.class,
          ConvertCommand.class,
          MergeCommand.class,
          ExportCommand.class,
          TokenizerCommand.class,
          FetchCommand.class,
          ImportArgsCommand.class,
          NewCommand.class,
          SchemaCommand.class,
          InfoCommand.class,
          DoctorCommand.class,
          BenchCommand.class,
          TestCommand.class,
          DistCommand.class,
          UnpackCommand.class,
          RehearseCommand.class,
          RenewCommand.class,
          CompletionCommand.class,
          HelpCommand.class);

  private Subcommands() {}

  static CommandLine addAll(CommandLine eosin) {
    ALL.forEach(eosin::addSubcommand);
    return eosin;
  }

  /// Adds what a call with these arguments needs: the command that comes first; all of them by name
  /// and description where the list is asked for; everything where a word is unknown, so that
  /// errors and completion know all there is.
  static CommandLine addFor(List<String> arguments, CommandLine eosin) {
    if (arguments.isEmpty()
        || List.of("--help").equals(arguments)
        || List.of("-h").equals(arguments)) {
      ALL.forEach(type -> describe(type, eosin));
      return eosin;
    }
    Optional<Class<?>> named =
        ALL.stream()
            .filter(type -> type != HelpCommand.class && type != CompletionCommand.class)
            .filter(type -> command(type).name().equals(arguments.getFirst()))
            .findFirst();
    return named.map(eosin::addSubcommand).orElseGet(() -> addAll(eosin));
  }

  private static void describe(Class<?> type, CommandLine eosin) {
    Command command = command(type);
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .header(command.header())
        .description(command.description())
        .hidden(command.hidden());
    eosin.addSubcommand(command.name(), spec);
  }

  private static Command command(Class<?> type) {
    return type.getAnnotation(Command.class);
  }
}
