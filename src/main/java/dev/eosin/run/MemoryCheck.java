package dev.eosin.run;

import dev.eosin.config.MachineException;
import dev.eosin.experiment.RunSettings;
import dev.eosin.experiment.StepChoice;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.HostMemory;
import dev.eosin.train.machine.MachineCheckup;
import dev.eosin.train.machine.MemoryPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/// The memory that a recipe needs, from the recipe alone, beside what there is.
///
/// @param recipe with the number of pairs at once that is planned
/// @param planner plans the same with other choices
/// @param room of the device that computes; empty where that device is not here
/// @param machineBytes memory of the machine or the container around the process
public record MemoryCheck(
    RunSettings recipe,
    Planner planner,
    MemoryPlan plan,
    Optional<Room> room,
    OptionalLong machineBytes) {
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
  public static MemoryCheck of(RunSettings recipe) throws IOException {
    var machine = MachineCheckup.Surroundings.inspect();
    Device device = recipe.compute().intended(machine.gpuPresent());
    return of(
        recipe,
        device,
        room(device, machine.memoryBytes()),
        OptionalLong.of(machine.memoryBytes()));
  }

  /// As above, of one of several ranks, which has its share of each batch, and of the memory of its
  /// machine or a GPU of its own.
  ///
  /// @param ranksHere on this machine
  public static MemoryCheck of(RunSettings recipe, int ranks, int ranksHere) throws IOException {
    var machine = MachineCheckup.Surroundings.inspect();
    Device device = recipe.compute().intended(machine.gpuPresent());
    Optional<Room> all = room(device, machine.memoryBytes());
    Optional<Room> own =
        switch (device) {
          case Device.Cpu() ->
              all.map(room -> new Room(room.limit / ranksHere, room.free / ranksHere));
          case Device.Cuda _ -> all;
        };
    Planner planner = choice -> recipe.experiment().plan(device, choice.over(ranks));
    return of(recipe, planner, own, OptionalLong.empty());
  }

  private static Optional<Room> room(Device device, long machineBytes) throws IOException {
    return switch (device) {
      case Device.Cpu() -> {
        OptionalLong free = new HostMemory(Path.of("/")).availableBytes();
        yield Optional.of(new Room(machineBytes, free.orElse(machineBytes)));
      }
      case Device.Cuda(int index) -> {
        OptionalLong free = Engine.freeCudaMemory(index);
        yield free.isPresent()
            ? Optional.of(new Room(free.getAsLong(), free.getAsLong()))
            : Optional.empty();
      }
    };
  }

  /// For any machine. Where the recipe leaves it to Eosin how many pairs go through the towers at
  /// once, those that fit.
  public static MemoryCheck of(RunSettings recipe, Device device, Optional<Room> room)
      throws IOException {
    return of(recipe, device, room, OptionalLong.empty());
  }

  /// As above, beside a machine's memory.
  static MemoryCheck of(
      RunSettings recipe, Device device, Optional<Room> room, OptionalLong machineBytes)
      throws IOException {
    return of(recipe, choice -> recipe.experiment().plan(device, choice), room, machineBytes);
  }

  private static MemoryCheck of(
      RunSettings recipe, Planner planner, Optional<Room> room, OptionalLong machineBytes)
      throws IOException {
    MemoryPlan asked = planner.plan(StepChoice.OF_RECIPE);
    if (!recipe.batch().choosesAtOnce()) {
      return new MemoryCheck(recipe, planner, asked, room, machineBytes);
    }
    MemoryPlan chosen =
        room.isPresent()
            ? planner.within(StepChoice.OF_RECIPE, asked.rows().all(), comfortable(room.get()))
            : asked;
    return new MemoryCheck(recipe, planner, chosen, room, machineBytes);
  }

  static long comfortable(Room room) {
    return Math.round(COMFORTABLE_SHARE * room.free);
  }

  /// Pairs at once of the plan.
  int atOnce() {
    return plan.atOnce();
  }

  /// Refuses a start that would clearly run out of memory: beyond the plan's own error.
  ///
  /// @throws MachineException when it would
  void requireRoom() throws IOException {
    switch (recipe.compute().memoryCheck()) {
      case REFUSE -> refuseBeyond(1 + MemoryPlan.ERROR);
      case SKIP -> {}
    }
  }

  /// @throws MachineException when more than all of the memory is planned
  public void refuse() throws IOException {
    refuseBeyond(1);
  }

  /// @param share of the memory that may be planned
  void refuseBeyond(double share) throws IOException {
    refuseHostBeyond(share);
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
                  MemoryAdvice.of(this, Math.min(there.limit, comfortable(there))),
                  ComputeSettings.MemoryCheck.SKIP.name().toLowerCase(Locale.ROOT)));
    }
  }

  /// Beside a GPU, too, Java and the batches in the making lie in the machine's memory.
  private void refuseHostBeyond(double share) {
    boolean beside =
        switch (plan.load().device()) {
          case Device.Cpu() -> false; // counted with everything else
          case Device.Cuda _ -> true;
        };
    if (beside && machineBytes.isPresent() && plan.host() > share * machineBytes.getAsLong()) {
      throw new MachineException(
          "this recipe needs %s of the machine's memory beside the GPU, of which %s are batches of %d %s in the making; the machine has %s: lower batch.global; compute.memory-check: %s starts it nevertheless"
              .formatted(
                  MemoryPlan.size(plan.host()),
                  MemoryPlan.size(plan.ring()),
                  plan.rows().all(),
                  plan.rows().unit(),
                  MemoryPlan.size(machineBytes.getAsLong()),
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
    int all = plan.rows().all();
    String chosen =
        plan.atOnce() == all
            ? "all %d %s at once".formatted(all, plan.rows().unit())
            : "%d of %d %s at once".formatted(atOnce(), all, plan.rows().unit());
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
