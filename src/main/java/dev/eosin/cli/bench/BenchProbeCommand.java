package dev.eosin.cli.bench;

import dev.eosin.bench.ProbeBenchmark;
import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `eosin bench probe`: a logistic regression on features.
@Command(
    name = "probe",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = {
      "Measure a logistic regression in fp64, to an objective within a millionth of the least;"
          + " prints one JSON line. scripts/bench-sklearn-probe.py is the other side."
    })
public final class BenchProbeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--input",
      showDefaultValue = Visibility.NEVER,
      paramLabel = "FILE",
      description = "A .safetensors file with features [n,c] and labels [n]; made up otherwise.")
  private Optional<Path> input = Optional.empty();

  @Option(names = "--rows", description = "Rows, of made-up features.")
  private int rows = 20_000;

  @Option(names = "--width", description = "Numbers of a row, of made-up features.")
  private int width = 512;

  @Option(names = "--classes", description = "Classes, of made-up features.")
  private int classes = 9;

  @Option(names = "--c", description = "Inverse strength of the regularisation.")
  private double c = 1;

  @Option(names = "--steps", description = "Fits measured.")
  private int steps = 5;

  @Override
  public Integer call() throws IOException {
    if (classes < 2 || rows < classes || width < 1 || steps < 1 || !(c > 0)) {
      throw new ParameterException(
          spec.commandLine(),
          "--classes is at least 2, --rows as many, --width and --steps at least 1, --c above 0");
    }
    String line = new ProbeBenchmark(rows, width, classes, c, steps).measure(input);
    spec.commandLine().getOut().println(line);
    spec.commandLine().getOut().flush();
    return ExitCode.DONE;
  }
}
