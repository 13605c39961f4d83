package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.RecipeArguments;
import dev.eosin.run.rehearsals.Overfit;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `eosin overfit`: whether a recipe can learn one batch by heart.
@Command(
    name = "overfit",
    mixinStandardHelpOptions = true,
    description = {
      "Learn one batch by heart, without augmentation: what cannot do that will not do more.",
      "Writes nothing. Exit code 1 when the loss does not come close to its floor."
    })
public final class OverfitCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private RecipeArguments recipe = new RecipeArguments();

  @Option(
      names = "--batches",
      defaultValue = "1",
      description = "Batches to learn (default: ${DEFAULT-VALUE}).")
  private int batches;

  @Option(
      names = "--steps",
      defaultValue = "200",
      description = "Steps at most (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Override
  public Integer call() throws IOException {
    if (batches < 1 || steps < 1) {
      throw new ParameterException(spec.commandLine(), "--batches and --steps are at least 1");
    }
    PrintWriter err = spec.commandLine().getErr();
    Overfit result = Overfit.of(recipe.read(), batches, steps, err::println);
    PrintWriter out = spec.commandLine().getOut();
    result.lines().forEach(out::println);
    out.flush();
    return result.learned() ? ExitCode.DONE : ExitCode.OTHER;
  }
}
