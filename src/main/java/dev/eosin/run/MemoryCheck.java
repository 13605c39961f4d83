package dev.eosin.run;

import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipSpec;
import dev.eosin.clip.MemoryPlan;
import dev.eosin.clip.TrainingLoad;
import dev.eosin.config.MachineException;
import dev.eosin.recipe.ClipModels;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.text.Tokenizer;
import dev.eosin.train.ComputeSettings;
import dev.eosin.train.HostMemory;
import dev.eosin.train.MachineCheckup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/// The memory that a CLIP recipe needs, from the recipe alone, beside what there is.
///
/// @param recipe with the number of pairs at once that is planned
/// @param room of the device that computes; empty where that device is not here
public record MemoryCheck(ClipRecipe recipe, MemoryPlan plan, Optional<Room> room) {
  /// The memory of the device that computes.
  ///
  /// @param limit bytes that a plan may not exceed: the machine's or the container's memory; of a
  ///   GPU what is free
  /// @param free bytes that nobody has taken
  public record Room(long limit, long free) {}

  /// How much of the free memory is planned for: the plan may be off by [MemoryPlan#ERROR], and
  /// other processes go on.
  static final double COMFORTABLE_SHARE = 0.8;

  /// For this machine. The engine is not started, but libtorch is loaded where a GPU is to compute.
  ///
  /// @throws IOException when a file that describes the architecture or the tokenizer is at fault
  /// @throws dev.eosin.config.RecipeException when model, input and tokenizer do not fit each other
  public static MemoryCheck of(ClipRecipe recipe) throws IOException {
    var machine = MachineCheckup.Surroundings.inspect();
    Device device = recipe.compute().intended(machine.gpuPresent());
    return of(recipe, device, room(device, machine.memoryBytes()));
  }

  private static Optional<Room> room(Device device, long machineBytes) throws IOException {
    return switch (device) {
      case Device.Cpu() -> {
        OptionalLong free = new HostMemory(Path.of("/")).availableBytes();
        yield Optional.of(new Room(machineBytes, free.orElse(machineBytes)));
      }
      case Device.Cuda cuda -> {
        OptionalLong free = Engine.freeCudaMemory();
        yield free.isPresent()
            ? Optional.of(new Room(free.getAsLong(), free.getAsLong()))
            : Optional.empty();
      }
    };
  }

  /// For any machine. Where the recipe leaves it to Eosin how many pairs go through the towers at
  /// once, those that fit.
  public static MemoryCheck of(ClipRecipe recipe, Device device, Optional<Room> room)
      throws IOException {
    MemoryPlan asked = MemoryPlan.of(load(recipe, device));
    if (!recipe.batch().choosesAtOnce()) {
      return new MemoryCheck(recipe, asked, room);
    }
    MemoryPlan chosen = room.map(there -> asked.within(comfortable(there))).orElse(asked);
    return new MemoryCheck(recipe, chosen, room);
  }

  private static TrainingLoad load(ClipRecipe recipe, Device device) throws IOException {
    Tokenizer tokenizer = recipe.data().text().tokenizer().open();
    ClipSpec spec = ClipModels.spec(recipe, tokenizer);
    return new TrainingLoad(
        spec,
        device,
        recipe.precision().compute(device),
        Clip.fastest(device)
            .recomputing(recipe.compute().activations().every())
            .adapted(recipe.adapters()),
        new TrainingLoad.Pairs(recipe.batch().global(), recipe.batch().atOnce()),
        recipe.locked(spec),
        recipe.model().patchDropout(),
        recipe.ema().isPresent(),
        ClipModels.teacher(recipe, tokenizer));
  }

  static long comfortable(Room room) {
    return Math.round(COMFORTABLE_SHARE * room.free);
  }

  /// Pairs at once of the plan.
  int atOnce() {
    return plan.load().batch().atOnce();
  }

  /// Refuses a start that would clearly run out of memory: beyond the plan's own error.
  ///
  /// @throws MachineException when it would
  void requireRoom() {
    switch (recipe.compute().memoryCheck()) {
      case REFUSE -> refuseBeyond(1 + MemoryPlan.ERROR);
      case SKIP -> {}
    }
  }

  /// @throws MachineException when more than all of the memory is planned
  public void refuse() {
    refuseBeyond(1);
  }

  /// @param share of the memory that may be planned
  void refuseBeyond(double share) {
    if (room.isPresent() && plan.total() > share * room.get().limit) {
      Room there = room.get();
      throw new MachineException(
          "this recipe needs %s of memory, %s %s: %s; compute.memory-check: %s starts it nevertheless"
              .formatted(
                  MemoryPlan.size(plan.total()),
                  switch (plan.load().device()) {
                    case Device.Cpu() -> "this machine has";
                    case Device.Cuda cuda -> "the GPU has free";
                  },
                  MemoryPlan.size(there.limit),
                  MemoryAdvice.of(
                      plan, Math.min(there.limit, comfortable(there)), recipe.lora().isEmpty()),
                  ComputeSettings.MemoryCheck.SKIP.name().toLowerCase(Locale.ROOT)));
    }
  }

  /// For a person to read.
  public List<String> lines() {
    var lines = new ArrayList<>(plan.lines());
    lines.add(share());
    if (recipe.batch().choosesAtOnce()) {
      lines.add(choice());
    }
    switch (plan.load().device()) {
      case Device.Cpu() -> {}
      case Device.Cuda cuda ->
          lines.add(
              "On a GPU this is an estimate: what its allocator reserves and what CUDA takes of the"
                  + " machine's memory were never measured.");
    }
    lines.add("Nothing was trained.");
    return List.copyOf(lines);
  }

  private String share() {
    if (room.isEmpty()) {
      return "No such GPU is here to compare with.";
    }
    Room there = room.get();
    double share = 100.0 * plan.total() / there.limit;
    return switch (plan.load().device()) {
      case Device.Cpu() ->
          String.format(
              Locale.ROOT,
              "share            %8.1f%%  of this machine's %s; %s are free",
              share,
              MemoryPlan.size(there.limit),
              MemoryPlan.size(there.free));
      case Device.Cuda cuda ->
          String.format(
              Locale.ROOT,
              "share            %8.1f%%  of the %s that are free on the GPU",
              share,
              MemoryPlan.size(there.free));
    };
  }

  /// What `batch.micro: auto` comes to, and why.
  String choice() {
    int all = plan.load().batch().all();
    String chosen =
        plan.load().batch().atOnce() == all
            ? "all %d pairs at once".formatted(all)
            : "%d of %d pairs at once".formatted(atOnce(), all);
    return room.map(
            there ->
                "batch.micro: auto takes %s, reckoned with %s; %s are free, of which a plan may take %.0f %%"
                    .formatted(
                        chosen,
                        MemoryPlan.size(plan.cautious()),
                        MemoryPlan.size(there.free),
                        100 * COMFORTABLE_SHARE))
        .orElse(
            "batch.micro: auto takes %s: how much memory is free is not known".formatted(chosen));
  }
}
