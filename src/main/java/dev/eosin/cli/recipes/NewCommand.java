package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.file.OutputPlace;
import dev.eosin.recipe.first.NewRecipe;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin new`: a first recipe for one's own data.
@Command(
    name = "new",
    mixinStandardHelpOptions = true,
    description = {
      "Write a first recipe for a folder of class folders, of images with texts beside them (a.jpg, a.txt) or with a metadata.jsonl, or for a "
          + "table (CSV, TSV, JSONL) of images with captions or labels, and say what was guessed."
    })
public final class NewCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "DATA", description = "A folder or a table.")
  private Path data;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "A recipe that does not exist yet; otherwise named like DATA, here.")
  private Optional<Path> out = Optional.empty();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws DataException {
    if (!Files.exists(data)) {
      throw new DataException(data + ": no such file or folder");
    }
    Path named = data.toAbsolutePath().normalize().getFileName();
    String name = named == null ? "mine" : named.toString().replaceAll("\\.[a-z]+$", "");
    Path file = out.orElse(Path.of(name + ".yaml"));
    if (Files.exists(file)) {
      throw new DataException(file + ": is there already, and is not overwritten");
    }
    OutputPlace.requireFile(file);
    NewRecipe.Scaffold scaffold = NewRecipe.of(data, name);
    AtomicFile.write(file, FileContent.text(scaffold.yaml()));
    PrintWriter printer = spec.commandLine().getOut();
    scaffold.reasons().forEach(printer::println);
    printer.printf("%s is written; next: eosin train %s --dry-run%n", file, file);
    printer.flush();
    return ExitCode.DONE;
  }
}
