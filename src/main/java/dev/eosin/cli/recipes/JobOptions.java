package dev.eosin.cli.recipes;

import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.folders.JobScripts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What the commands that write a file for a scheduler have in common.
final class JobOptions {
  @Parameters(index = "0", paramLabel = "RECIPE", description = "A YAML file; see docs/recipes.md.")
  private Path recipeFile = Path.of("");

  @Parameters(
      index = "1..*",
      paramLabel = "KEY=VALUE",
      description = "Replaces a value of the recipe, as for train.")
  private List<String> overrides = new ArrayList<>();

  @Option(names = "--nodes", description = "Machines.")
  private int nodes = 1;

  @Option(names = "--ranks-per-node", description = "Ranks on each.")
  private int ranksPerNode = 1;

  @Option(names = "--cores-per-rank", description = "Cores for each.")
  private int cores = 4;

  @Option(names = "--gpus", description = "Whether each rank gets a GPU.")
  private boolean gpus;

  @Option(names = "--program", description = "Eosin, as the machines of the job see it.")
  private String program = "./eosin";

  /// The recipe, checked as far as reading it goes.
  TrainableRecipe recipe() {
    return TrainableRecipe.read(recipeFile, overrides);
  }

  String name() {
    Path file = recipeFile.getFileName();
    return file == null ? "train" : file.toString().replaceAll("\\.ya?ml$", "");
  }

  List<String> arguments() {
    List<String> all = new ArrayList<>(List.of(recipeFile.toString()));
    all.addAll(overrides);
    return all;
  }

  String program() {
    return program;
  }

  JobScripts.Size size() {
    return new JobScripts.Size(nodes, ranksPerNode, cores, gpus);
  }
}
