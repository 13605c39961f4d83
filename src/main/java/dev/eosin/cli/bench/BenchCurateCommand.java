package dev.eosin.cli.bench;

import dev.eosin.bench.CurationBenchmark;
import dev.eosin.bench.FigureBenchmark;
import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `eosin bench curate`: a whole list of steps over made captions.
@Command(
    name = "curate",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = {
      "Measure a whole list of curation steps (PLIP's rules, language, near duplicates, groups,"
          + " leaks) over made captions, and what MinHash finds beside a comparison of all with all;"
          + " or, with --figures, the precision of the step figures on drawn images; prints one JSON"
          + " line."
    })
public final class BenchCurateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--rows", description = "Rows that are made.")
  private int rows = 1_000_000;

  @Option(names = "--check", description = "Rows that are compared with each other.")
  private int check = 20_000;

  @Option(names = "--parallel", description = "Rows in work at once.")
  private int parallel = 8;

  @Option(
      names = "--figures",
      description = "Measure the step figures on so many drawn images of each kind instead.")
  private int figures;

  @Option(
      names = "--images",
      description = "Of --figures: a folder with a folder of tiles for each class to draw on.")
  private Optional<Path> images = Optional.empty();

  @Override
  public Integer call() throws IOException {
    if (rows < 1 || check < 1 || parallel < 1) {
      throw new ParameterException(
          spec.commandLine(), "--rows, --check and --parallel are at least 1");
    }
    String line =
        figures > 0
            ? new FigureBenchmark(figures, images).run()
            : new CurationBenchmark(rows, check, parallel).run();
    spec.commandLine().getOut().println(line);
    spec.commandLine().getOut().flush();
    return ExitCode.DONE;
  }
}
