package dev.eosin.run;

import dev.eosin.config.CountOrAuto;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.experiment.RunSettings;
import dev.eosin.experiment.StepChoice;
import dev.eosin.train.machine.MemoryPlan;
import java.io.IOException;
import java.util.Optional;

/// How many rows of a step go through the model at once: what the recipe says, or as many as fit.
///
/// Gradients are the same for every number, but not to the last bit. So a run that resumes keeps
/// the number that it began with as long as that fits into what is free.
///
/// @param recipe with a number
/// @param note what was chosen and why, where Eosin chose
record MicroBatch(RunSettings recipe, Optional<String> note) {
  private static final String KEY = "batch.micro";

  /// How a stored recipe says that it has none: all rows at once.
  private static final String ABSENT = "null";

  /// On this machine.
  ///
  /// @param begun the recipe that a run to be resumed began with
  /// @throws dev.eosin.config.MachineException when the memory does not suffice
  public static MicroBatch of(RunSettings recipe, Optional<ResolvedRecipe> begun)
      throws IOException {
    return of(MemoryCheck.of(recipe), begun);
  }

  public static MicroBatch of(MemoryCheck memory, Optional<ResolvedRecipe> begun)
      throws IOException {
    RunSettings recipe = memory.recipe();
    if (!recipe.batch().choosesAtOnce()) {
      memory.requireRoom();
      return new MicroBatch(recipe, Optional.empty());
    }
    if (begun.isPresent()) {
      int all = recipe.batch().global();
      int before =
          begun
              .get()
              .value(KEY)
              .filter(stored -> !stored.equals(ABSENT))
              .map(stored -> CountOrAuto.parse(stored).or(all))
              .orElse(all);
      return resumed(memory, before);
    }
    memory.requireRoom();
    return new MicroBatch(with(memory.atOnce(), recipe), Optional.of(memory.choice()));
  }

  private static MicroBatch resumed(MemoryCheck memory, int before) throws IOException {
    MemoryPlan again = memory.planner().plan(StepChoice.OF_RECIPE.withAtOnce(before));
    if (memory.room().isEmpty() || again.total() <= memory.room().get().free()) {
      String note =
          "%s: auto keeps %d %s at once, with which the run began"
              .formatted(KEY, before, again.rows().unit());
      return new MicroBatch(with(before, memory.recipe()), Optional.of(note));
    }
    memory.requireRoom();
    String note =
        "%s; the run went on with %d before, which would need %s: the same gradients, but not to the last bit"
            .formatted(memory.choice(), before, MemoryPlan.size(again.total()));
    return new MicroBatch(with(memory.atOnce(), memory.recipe()), Optional.of(note));
  }

  private static RunSettings with(int atOnce, RunSettings recipe) {
    return recipe.withBatch(recipe.batch().withAtOnce(atOnce));
  }
}
