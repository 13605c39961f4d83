package dev.eosin.run;

import dev.eosin.clip.ClipSpec;
import dev.eosin.clip.LoraSettings;
import dev.eosin.clip.LoraSettings.Place;
import dev.eosin.clip.LoraSettings.Target;
import dev.eosin.clip.MemoryPlan;
import dev.eosin.clip.TrainingLoad;
import dev.eosin.nn.BlockExecution;
import dev.eosin.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What to change in a recipe whose plan does not fit, each change with what it would need.
final class MemoryAdvice {
  private static final LoraSettings ADAPTERS =
      new LoraSettings(16, 32, List.of(Place.IMAGE), List.of(Target.ATTENTION, Target.MLP), 0);

  private MemoryAdvice() {}

  /// @param words what a recipe would say
  private record Change(String words, TrainingLoad load) {}

  /// The changes that fit, the least costly one first; where none does alone, all of them together.
  ///
  /// @param bytes that a plan may take
  /// @param adaptable whether adapters are still to be had
  static String of(MemoryPlan plan, long bytes, boolean adaptable) {
    TrainingLoad load = plan.load();
    List<Change> changes = new ArrayList<>();
    MemoryPlan smaller = plan.within(bytes);
    changes.add(new Change("batch.micro: " + smaller.load().batch().atOnce(), smaller.load()));
    changes.add(new Change("compute.activations: recompute", recomputing(load)));
    changes.add(new Change("precision: bf16", load.withCompute(DType.BFLOAT16)));
    if (adaptable) {
      changes.add(new Change("lora: { rank: 16, alpha: 32, towers: [image] }", adapted(load)));
    }
    List<String> fitting =
        changes.stream().map(change -> words(change, bytes)).flatMap(Optional::stream).toList();
    return fitting.isEmpty() ? together(load, bytes, adaptable) : String.join(", ", fitting);
  }

  private static Optional<String> words(Change change, long bytes) {
    MemoryPlan plan = MemoryPlan.of(change.load);
    return plan.cautious() > bytes
        ? Optional.empty()
        : Optional.of("%s would need %s".formatted(change.words, MemoryPlan.size(plan.total())));
  }

  private static String together(TrainingLoad load, long bytes, boolean adaptable) {
    TrainingLoad least = recomputing(adaptable ? adapted(load) : load);
    MemoryPlan plan = MemoryPlan.of(least).within(bytes);
    String words =
        "batch.micro: %d with compute.activations: recompute%s"
            .formatted(
                plan.load().batch().atOnce(),
                adaptable ? " and lora: { rank: 16, alpha: 32, towers: [image] }" : "");
    return plan.cautious() <= bytes
        ? "%s would need %s".formatted(words, MemoryPlan.size(plan.total()))
        : "even %s would need %s; take a smaller model"
            .formatted(words, MemoryPlan.size(plan.total()));
  }

  private static TrainingLoad recomputing(TrainingLoad load) {
    return load.withExecution(load.execution().recomputing(1), load.locked());
  }

  private static TrainingLoad adapted(TrainingLoad load) {
    ClipSpec spec = load.spec();
    BlockExecution execution = load.execution().adapted(ADAPTERS.adapters());
    return load.withExecution(execution, ADAPTERS.locked(spec));
  }
}
