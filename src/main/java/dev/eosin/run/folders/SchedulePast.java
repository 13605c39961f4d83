package dev.eosin.run.folders;

import dev.eosin.config.Binder;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.recipe.Training;
import dev.eosin.train.ScheduleSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Whether a run would have come to where it is with another schedule, too: a longer one of a
/// constant rate, a cool-down that had not begun.
///
/// @param before what the run was started with
/// @param after what it is asked to go on with
record SchedulePast(ScheduleSettings before, ScheduleSettings after) {
  /// The schedules of two resolved recipes are compared; one that does not bind any more is
  /// another.
  static boolean isSame(ResolvedRecipe before, ResolvedRecipe after, long updates) {
    try {
      return new SchedulePast(schedule(before), schedule(after)).isSame(updates);
    } catch (RecipeException ofAnotherVersion) {
      return false;
    }
  }

  private static ScheduleSettings schedule(ResolvedRecipe recipe) {
    RecipeFile file =
        RecipeFile.parse(Path.of("the stored recipe"), recipe.text(), List.of(), Map.of());
    return Binder.bind(file, Training.class).schedule();
  }

  /// Whether every rate of the updates done is the same number, and the new schedule has as many.
  ///
  /// @param updates done
  boolean isSame(long updates) {
    if (after.length().value() < updates) {
      return false;
    }
    for (long update = 0; update < updates; update++) {
      if (before.learningRate(1, update) != after.learningRate(1, update)) {
        return false;
      }
    }
    return true;
  }
}
