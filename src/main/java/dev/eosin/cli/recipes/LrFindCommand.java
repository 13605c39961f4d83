package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.RecipeArguments;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.run.rehearsals.RateCurve;
import dev.eosin.run.rehearsals.RatePicture;
import dev.eosin.run.rehearsals.RateTest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `eosin lr-find`: a learning rate for a recipe.
@Command(
    name = "lr-find",
    mixinStandardHelpOptions = true,
    description = {
      "Take each training step at a higher learning rate until the loss diverges (Smith "
          + "2017), and suggest a rate.",
      "The weights are thrown away."
    })
public final class LrFindCommand implements Callable<Integer> {
  private static final String CSV = ".csv";
  private static final String SVG = ".svg";

  @Spec private CommandSpec spec;

  @Mixin private RecipeArguments recipe = new RecipeArguments();

  @Option(
      names = "--from",
      defaultValue = "1e-7",
      description = "The first rate (default: ${DEFAULT-VALUE}).")
  private double from;

  @Option(
      names = "--to",
      defaultValue = "1e-1",
      description = "The last rate (default: ${DEFAULT-VALUE}).")
  private double to;

  @Option(
      names = "--steps",
      defaultValue = "100",
      description = "Steps at most (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write every point to a .csv file, or the curve to an .svg file.")
  private Optional<Path> file = Optional.empty();

  @Override
  public Integer call() throws IOException {
    RateTest.Range range = range();
    if (file.isPresent() && !file.get().toString().endsWith(CSV) && !isPicture(file.get())) {
      throw new ParameterException(spec.commandLine(), "--out: name a .csv or an .svg file");
    }
    PrintWriter err = spec.commandLine().getErr();
    RateCurve curve = RateTest.run(recipe.read(), range, err::println);
    PrintWriter out = spec.commandLine().getOut();
    curve.lines().forEach(out::println);
    if (file.isPresent()) {
      String text = isPicture(file.get()) ? RatePicture.svg(curve) : curve.csv();
      AtomicFile.write(file.get(), FileContent.text(text));
    }
    out.flush();
    return ExitCode.DONE;
  }

  private static boolean isPicture(Path file) {
    return file.toString().endsWith(SVG);
  }

  private RateTest.Range range() {
    try {
      return new RateTest.Range(from, to, steps);
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()));
    }
  }
}
