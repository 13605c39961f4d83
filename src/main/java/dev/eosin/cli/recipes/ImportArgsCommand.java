package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.recipe.openclip.OpenClipCommand;
import dev.eosin.recipe.openclip.OpenClipImport;
import dev.eosin.recipe.trained.RecipeProblems;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin import-args`: an open_clip command line as a recipe.
@Command(
    name = "import-args",
    mixinStandardHelpOptions = true,
    description = {
      "Turn an open_clip command line into a recipe.",
      "What recipes have nothing for is named, in the file and on stderr. Give the line "
          + "in quotes, or its words after --."
    })
public final class ImportArgsCommand implements Callable<Integer> {
  @Parameters(arity = "0..*", paramLabel = "ARGS", description = "The command line.")
  private List<String> words = List.of();

  @Option(names = "--file", paramLabel = "SCRIPT", description = "A shell script that holds it.")
  private Optional<Path> script = Optional.empty();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "A recipe that does not exist yet; otherwise the terminal.")
  private Optional<Path> out = Optional.empty();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (script.isPresent() != words.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "give the command line, or --file SCRIPT");
    }
    OpenClipImport.Imported imported = imported();
    PrintWriter printer = spec.commandLine().getOut();
    if (out.isPresent()) {
      if (Files.exists(out.get())) {
        throw new DataException(out.get() + ": is there already, and is not overwritten");
      }
      AtomicFile.write(out.get(), FileContent.text(imported.yaml()));
      printer.printf("%s is written; next: eosin train %s --dry-run%n", out.get(), out.get());
    } else {
      printer.print(imported.yaml());
    }
    printer.flush();
    PrintWriter err = spec.commandLine().getErr();
    imported.open().forEach(point -> err.println("open: " + point));
    err.flush();
    return ExitCode.DONE;
  }

  private OpenClipImport.Imported imported() throws IOException {
    try {
      String written =
          script.isPresent() ? Files.readString(script.get()) : String.join(" ", words);
      OpenClipCommand command =
          words.size() > 1 ? OpenClipCommand.of(words) : OpenClipCommand.parse(written);
      return OpenClipImport.of(command, written, RecipeProblems::of);
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()));
    }
  }
}
