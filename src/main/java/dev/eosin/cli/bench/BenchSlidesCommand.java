package dev.eosin.cli.bench;

import dev.eosin.bench.SlideBenchmark;
import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin bench slides`: tiles cut of a whole slide.
@Command(
    name = "slides",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = {
      "Measure how many tiles of 256 px one thread cuts of a whole slide, opened again and again;"
          + " prints one JSON line. scripts/bench-openslide.py is the other side."
    })
public final class BenchSlidesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SLIDE", description = "A whole slide.")
  private Path slide = Path.of("");

  @Option(names = "--pixel", description = "Micrometres of a pixel of level 0.")
  private double pixel = 0.5;

  @Option(names = "--mpp", description = "Micrometres of a tile's pixel.")
  private double mpp = 0.5;

  @Option(names = "--seconds", description = "Time measured.")
  private double seconds = 6;

  @Override
  public Integer call() throws IOException {
    if (!(pixel > 0 && mpp >= pixel && seconds > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--pixel and --seconds are above 0, --mpp is at least --pixel");
    }
    SlideBenchmark.Result result = new SlideBenchmark(slide, pixel, mpp).run(seconds);
    String line =
        String.format(
            Locale.ROOT,
            "{\"bench\":\"slides\",\"tiles\":%d,\"opened\":%d,\"tiles_per_second\":%.1f}",
            result.tiles(),
            result.opened(),
            result.perSecond());
    spec.commandLine().getOut().println(line);
    spec.commandLine().getOut().flush();
    return ExitCode.DONE;
  }
}
