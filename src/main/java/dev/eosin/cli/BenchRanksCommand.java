package dev.eosin.cli;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.group.Group;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.rehearsals.RankTiming;
import dev.eosin.tensor.Device;
import dev.eosin.train.machine.MachineCheckup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin bench ranks`: what several ranks cost.
@Command(
    name = "ranks",
    mixinStandardHelpOptions = true,
    description = {
      "Measure updates of a recipe on its ranks (under mpirun, or with --ranks), with gradients"
          + " that leave during the backward pass and after it; prints one JSON line."
    })
final class BenchRanksCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RECIPE", description = "A YAML file; see docs/recipes.md.")
  private Path recipeFile = Path.of("");

  @Parameters(
      index = "1..*",
      paramLabel = "KEY=VALUE",
      description = "Replaces a value of the recipe, as for train.")
  private List<String> overrides = new ArrayList<>();

  @Option(names = "--steps", description = "Steps of each kind measured, after two that are not.")
  private int steps = 5;

  @Mixin private RankOptions ranks = new RankOptions();

  private Device device() throws IOException {
    return TrainableRecipe.read(recipeFile, overrides)
        .compute()
        .intended(MachineCheckup.Surroundings.inspect().gpuPresent());
  }

  @Override
  public Integer call() throws Exception {
    return ranks.run(spec, this::device, this::measure);
  }

  private int measure(Group group) throws IOException {
    TrainableRecipe recipe = TrainableRecipe.read(recipeFile, overrides);
    String line = RankTiming.measure(recipe, group, Math.max(1, steps));
    if (group.isFirst()) {
      spec.commandLine().getOut().println(line);
      spec.commandLine().getOut().flush();
    }
    return ExitCode.DONE;
  }
}
