package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.report.Comparison;
import dev.eosin.report.ComparisonPage;
import dev.eosin.run.folders.FolderComparison;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin compare`: models side by side on the same data.
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
      "Compare models on the same data: folders of eosin evaluate, each figure with its interval and by how"
          + " much each model is better than the first (paired bootstrap); or run folders, the newest"
          + " scores of their logs at the same step.",
      "Refused where data or rules differ. What two recipes do not share: eosin diff."
    })
public final class CompareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0..*",
      arity = "2..*",
      paramLabel = "FOLDER",
      description =
          "Folders of evaluations, or of runs; the first is what the others are compared with.")
  private List<Path> folders = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Also writes comparison.html and comparison.json there.")
  private Optional<Path> out = Optional.empty();

  @Override
  public Integer call() throws DataException {
    if (folders.stream().distinct().count() < folders.size()) {
      throw new ParameterException(spec.commandLine(), "a folder is named twice");
    }
    Comparison comparison = FolderComparison.of(folders);
    PrintWriter printer = spec.commandLine().getOut();
    ComparisonPage.lines(comparison).forEach(printer::println);
    printer.flush();
    if (out.isPresent()) {
      write(out.get(), comparison);
      PrintWriter err = spec.commandLine().getErr();
      err.println("the comparison is in " + out.get().resolve("comparison.html"));
      err.flush();
    }
    return ExitCode.DONE;
  }

  private static void write(Path folder, Comparison comparison) throws DataException {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be made: " + AtomicFile.reason(e), e);
    }
    AtomicFile.write(
        folder.resolve("comparison.html"), FileContent.text(ComparisonPage.html(comparison)));
    AtomicFile.write(
        folder.resolve("comparison.json"), FileContent.text(ComparisonPage.json(comparison)));
  }
}
