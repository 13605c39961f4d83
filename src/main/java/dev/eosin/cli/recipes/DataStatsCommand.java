package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.RecipeArguments;
import dev.eosin.data.quality.StatisticsPage;
import dev.eosin.data.quality.StatisticsReport;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.file.OutputPlace;
import dev.eosin.run.DataStatistics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `eosin data stats`: what a recipe's data consists of and what is wrong with it.
@Command(
    name = "stats",
    mixinStandardHelpOptions = true,
    description = {
      "Caption lengths, labels, groups, image sizes, duplicates, leaks between train and "
          + "validation, and images that cannot be read."
    })
final class DataStatsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private RecipeArguments recipe = new RecipeArguments();

  @Option(
      names = "--examine",
      paramLabel = "N",
      defaultValue = "10000",
      description =
          "Samples of each part to read and decode, evenly spread (default: ${DEFAULT-VALUE})."
              + " Leaks are looked for in every sample, as data.leaks says.")
  private long examine;

  @Option(names = "--json", paramLabel = "FILE", description = "Write every figure and key there.")
  private Optional<Path> json = Optional.empty();

  @Option(names = "--html", paramLabel = "FILE", description = "Write a page with pictures there.")
  private Optional<Path> html = Optional.empty();

  @Override
  public Integer call() throws IOException {
    if (examine < 1) {
      throw new ParameterException(spec.commandLine(), "--examine: at least 1 sample");
    }
    for (Path file : Stream.concat(json.stream(), html.stream()).toList()) {
      OutputPlace.requireFile(file);
    }
    StatisticsReport report = DataStatistics.of(recipe.read(), examine);
    PrintWriter out = spec.commandLine().getOut();
    report.lines().forEach(out::println);
    if (json.isPresent()) {
      AtomicFile.write(json.get(), FileContent.text(report.json()));
    }
    if (html.isPresent()) {
      String page = StatisticsPage.of("Data of " + recipe.file().getFileName(), report);
      AtomicFile.write(html.get(), FileContent.text(page));
    }
    out.flush();
    return ExitCode.DONE;
  }
}
