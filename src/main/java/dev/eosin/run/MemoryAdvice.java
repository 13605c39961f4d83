package dev.eosin.run;

import dev.eosin.experiment.StepChoice;
import dev.eosin.tensor.DType;
import dev.eosin.train.machine.MemoryPlan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What to change in a recipe whose plan does not fit, each change with what it would need.
final class MemoryAdvice {
  private MemoryAdvice() {}

  /// The changes that fit, the least costly one first; where none does alone, all of them together.
  ///
  /// @param bytes that a plan may take
  static String of(MemoryCheck check, long bytes) throws IOException {
    Planner planner = check.planner();
    int all = check.plan().rows().all();
    StepChoice now = StepChoice.OF_RECIPE.withAtOnce(check.atOnce());
    List<String> fitting = new ArrayList<>();
    MemoryPlan smaller = planner.within(now, all, bytes);
    add(fitting, "batch.micro: " + smaller.atOnce(), smaller, bytes);
    add(fitting, "compute.activations: recompute", planner.plan(now.recomputing()), bytes);
    add(fitting, "precision: bf16", planner.plan(now.in(DType.BFLOAT16)), bytes);
    Optional<String> adapters = check.recipe().experiment().adapters();
    if (adapters.isPresent()) {
      add(fitting, adapters.get(), planner.plan(now.adapted()), bytes);
    }
    return fitting.isEmpty() ? together(planner, all, adapters, bytes) : String.join(", ", fitting);
  }

  private static void add(List<String> fitting, String words, MemoryPlan plan, long bytes) {
    if (plan.cautious() <= bytes) {
      fitting.add("%s would need %s".formatted(words, MemoryPlan.size(plan.total())));
    }
  }

  private static String together(Planner planner, int all, Optional<String> adapters, long bytes)
      throws IOException {
    StepChoice least = StepChoice.OF_RECIPE.recomputing();
    MemoryPlan plan = planner.within(adapters.isPresent() ? least.adapted() : least, all, bytes);
    String words =
        "batch.micro: %d with compute.activations: recompute%s"
            .formatted(plan.atOnce(), adapters.map(some -> " and " + some).orElse(""));
    return plan.cautious() <= bytes
        ? "%s would need %s".formatted(words, MemoryPlan.size(plan.total()))
        : "even %s would need %s; take a smaller model"
            .formatted(words, MemoryPlan.size(plan.total()));
  }
}
