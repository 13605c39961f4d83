package dev.eosin.recipe;

import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipSpec;
import dev.eosin.clip.MemoryPlan;
import dev.eosin.config.MachineException;
import dev.eosin.tensor.Device;
import dev.eosin.train.ComputeSettings.MemoryCheck;
import dev.eosin.train.MachineCheckup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The memory that a CLIP recipe needs, from the recipe alone, beside what the machine has. The
/// engine is not started.
///
/// @param available bytes of the machine, or of the container around this process
/// @param notes what the plan leaves out, one line each
public record ClipMemory(MemoryPlan plan, Device device, long available, List<String> notes) {
  public ClipMemory {
    notes = List.copyOf(notes);
  }

  /// What the system and other processes may be left with when a smaller batch is proposed.
  private static final double COMFORTABLE_SHARE = 0.8;

  /// For this machine.
  ///
  /// @throws IOException when a file that describes the architecture or the tokenizer is at fault
  /// @throws dev.eosin.config.RecipeException when model, input and tokenizer do not fit each other
  public static ClipMemory of(ClipRecipe recipe) throws IOException {
    var machine = MachineCheckup.Surroundings.inspect();
    Device device = recipe.compute().intended(machine.gpuPresent());
    return of(recipe, device, machine.memoryBytes());
  }

  /// For any machine.
  public static ClipMemory of(ClipRecipe recipe, Device device, long available) throws IOException {
    ClipSpec spec = ClipModels.spec(recipe, recipe.data().text().tokenizer().open());
    var load =
        new MemoryPlan.Load(
            spec,
            recipe.precision().compute(device),
            Clip.fastest(device).recomputing(recipe.compute().activations().every()),
            recipe.batch().global(),
            recipe.batch().atOnce());
    MemoryPlan plan = MemoryPlan.of(load);
    return new ClipMemory(plan, device, available, leftOut(recipe, plan));
  }

  private static List<String> leftOut(ClipRecipe recipe, MemoryPlan plan) {
    var notes = new ArrayList<String>();
    if (recipe.loss().teaching().isPresent()) {
      notes.add("The teacher of loss.distillation comes on top; it is not planned.");
    }
    if (recipe.ema().isPresent()) {
      notes.add("The moving average of ema comes on top: " + MemoryPlan.size(plan.gradients()));
    }
    if (!recipe.lock().locked(plan.load().spec()).isEmpty()) {
      notes.add("Locked weights are planned as if they were trained: the run needs less.");
    }
    return notes;
  }

  /// Refuses a start that would clearly run out of memory: beyond the plan's own error.
  ///
  /// @throws MachineException when it would
  static void requireRoom(ClipRecipe recipe) throws IOException {
    switch (recipe.compute().memoryCheck()) {
      case REFUSE -> of(recipe).refuseBeyond(1 + MemoryPlan.ERROR);
      case SKIP -> {}
    }
  }

  /// @throws MachineException when more than all of the memory is planned
  public void refuse() {
    refuseBeyond(1);
  }

  /// @param share of the memory that may be planned
  void refuseBeyond(double share) {
    // A GPU's memory is not this machine's, and plans for one were never measured.
    if (device instanceof Device.Cpu && plan.total() > share * available) {
      throw new MachineException(
          "this recipe needs %s of memory, this machine has %s: %s; compute.memory-check: %s starts it nevertheless"
              .formatted(
                  MemoryPlan.size(plan.total()),
                  MemoryPlan.size(available),
                  wayOut(),
                  MemoryCheck.SKIP.name().toLowerCase(Locale.ROOT)));
    }
  }

  private String wayOut() {
    MemoryPlan smaller = plan.within(Math.round(COMFORTABLE_SHARE * available));
    int atOnce = smaller.load().atOnce();
    if (smaller.total() > available) {
      return "even batch.micro: %d would need %s; take a smaller model"
          .formatted(atOnce, MemoryPlan.size(smaller.total()));
    }
    return "batch.micro: %d would need %s".formatted(atOnce, MemoryPlan.size(smaller.total()));
  }

  /// For a person to read.
  public List<String> lines() {
    var lines = new ArrayList<>(plan.lines());
    lines.add(
        switch (device) {
          case Device.Cpu() ->
              String.format(
                  Locale.ROOT,
                  "share            %8.1f%%  of this machine's %s",
                  100.0 * plan.total() / available,
                  MemoryPlan.size(available));
          case Device.Cuda cuda ->
              "On a GPU this is an estimate that was never measured, most of it of the GPU's"
                  + " memory; base and input ring are the machine's.";
        });
    lines.addAll(notes);
    lines.add("Nothing was trained.");
    return List.copyOf(lines);
  }
}
