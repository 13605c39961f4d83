package dev.eosin.cli;

import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import dev.eosin.recipe.Recipe;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// Finds the lines of a recipe for what is wrong with it and was noticed only after it was read,
/// such as weights of another architecture.
final class RecipeLines {
  private RecipeLines() {}

  /// The failure with lines, where the command has a recipe that can be read.
  static Exception in(Exception failure, CommandSpec command) {
    List<String> file = values(command, "RECIPE");
    if (!(failure instanceof RecipeException problems) || file.size() != 1) {
      return failure;
    }
    try {
      return problems.located(
          RecipeFile.read(Path.of(file.getFirst()), values(command, "KEY=VALUE")), Recipe.class);
    } catch (RecipeException | IllegalArgumentException unreadable) {
      return failure;
    }
  }

  private static List<String> values(CommandSpec command, String label) {
    return command.positionalParameters().stream()
        .filter(parameter -> parameter.paramLabel().equals(label))
        .flatMap(parameter -> parameter.stringValues().stream())
        .toList();
  }
}
