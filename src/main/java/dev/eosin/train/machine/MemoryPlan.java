package dev.eosin.train.machine;

import dev.eosin.data.batches.BatchLoader;
import dev.eosin.model.PartMemory;
import dev.eosin.model.StepLoad;
import dev.eosin.tensor.Allocator;
import dev.eosin.tensor.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What training a model needs of one process's memory, from sizes alone: no weight is loaded and
/// no data read. All sizes are bytes.
///
/// Weights, moments and gradients are counted; activations follow from what each block's kernel
/// keeps; three terms were measured on a CPU: the Java machine with libtorch, its heap at work, and
/// the share of freed memory that is not used again (docs/results.md).
///
/// @param load what decides it besides the model
/// @param rows how many make a step
/// @param weights of the model
/// @param beside further models, such as a teacher
/// @param parts of the model, in the order of the forward pass
/// @param step the most that activations, gradients and loss need at the same time
/// @param works what is at work beside the parts, and what is held for a whole step
/// @param allocator of a process that computes on a CPU
public record MemoryPlan(
    StepLoad load,
    Rows rows,
    WeightMemory weights,
    List<Item> beside,
    List<PartMemory> parts,
    long step,
    List<Item> works,
    Allocator allocator) {
  private static final long MIB = 1L << 20;

  /// The Java machine, its smallest heap and libtorch, before a model is there: measured.
  public static final long BASE = 380 * MIB;

  /// Java's heap while rows are read, decoded and handed over, besides the ring: measured.
  public static final long DECODING = 80 * MIB;

  /// Memory that was freed and does not fit what is needed next, as a share of the step: measured.
  /// libtorch aligns large tensors to 2 MiB, and glibc then passes over pieces of the right size;
  /// other allocators find them.
  public static final double FRAGMENTS = 0.25;

  /// How far a plan may be off.
  public static final double ERROR = 0.15;

  /// Where blocks are computed again on a CPU, what is freed and taken anew outweighs what stays,
  /// and more of it is of no use for what comes next: runs took up to so many times their plan
  /// (measured; see docs/results.md).
  public static final double RECOMPUTED_EXCESS = 1.5;

  /// How many rows make a step.
  ///
  /// @param unit what a row is called, in the plural
  /// @param all in a step
  /// @param bytes of one row in the input ring
  public record Rows(String unit, int all, long bytes) {}

  /// Something that needs memory.
  ///
  /// @param detail for a person
  public record Item(String what, long bytes, String detail) {}

  public MemoryPlan {
    beside = List.copyOf(beside);
    parts = List.copyOf(parts);
    works = List.copyOf(works);
  }

  /// The plan of a step that goes through these phases.
  ///
  /// @param beforehand what is needed at the same time before the step begins, such as a teacher's
  ///   forward pass
  public static MemoryPlan of(
      StepLoad load,
      Rows rows,
      WeightMemory weights,
      List<Item> beside,
      List<PartMemory> parts,
      List<Phase> phases,
      long beforehand) {
    List<Item> works = new ArrayList<>();
    phases.forEach(
        phase -> works.addAll(phase instanceof Phase.Work(Item item) ? List.of(item) : List.of()));
    phases.forEach(
        phase -> works.addAll(phase instanceof Phase.Holds(Item item) ? List.of(item) : List.of()));
    long step = Math.max(StepMemory.peak(phases, load.early()), beforehand);
    return new MemoryPlan(load, rows, weights, beside, parts, step, works, Allocator.current());
  }

  /// Gradients of all trained weights, fp32; none where they are applied as they come.
  public long gradients() {
    return load.early() ? 0 : parts.stream().mapToLong(PartMemory::gradients).sum();
  }

  /// Batches in the making, see [BatchLoader].
  public long ring() {
    return (long) BatchLoader.RING * rows.all * rows.bytes;
  }

  /// Freed memory that is not used again.
  public long fragments() {
    return findsFreed() ? 0 : Math.round(step * FRAGMENTS);
  }

  /// Whether what is freed is found again; what that holds for was measured (docs/results.md).
  private boolean findsFreed() {
    return switch (load.device()) {
      case Device.Cpu() -> allocator != Allocator.SYSTEM;
      case Device.Cuda _ -> false;
    };
  }

  /// Of the machine's memory whatever computes: Java, libtorch and batches in the making.
  public long host() {
    return ring() + DECODING + BASE;
  }

  /// Rows that go through the model at once.
  public int atOnce() {
    return load.rows();
  }

  /// Everything that is needed at the same time of the memory of the device that computes: on a CPU
  /// with [#host], on a GPU without.
  public long total() {
    long models = beside.stream().mapToLong(Item::bytes).sum();
    long tensors = weights.total() + models + step + fragments();
    return switch (load.device()) {
      case Device.Cpu() -> tensors + host();
      case Device.Cuda cuda -> tensors;
    };
  }

  /// What to reckon with where a plan may not be exceeded: [#total], or more where that is known to
  /// be too little.
  public long cautious() {
    return understated() ? Math.round(RECOMPUTED_EXCESS * total()) : total();
  }

  private boolean understated() {
    boolean recomputed = parts.stream().anyMatch(PartMemory::isComputedAgain);
    return switch (load.device()) {
      case Device.Cpu() -> recomputed && !findsFreed();
      case Device.Cuda cuda -> false;
    };
  }

  /// For a person to read; ends with the total.
  public List<String> lines() {
    var lines = new ArrayList<String>();
    boolean wide = weights.masters() == 0;
    line(lines, "parameters", weights.parameters(), load.compute().name().toLowerCase(Locale.ROOT));
    line(lines, "masters", weights.masters(), wide ? "parameters are fp32 themselves" : "fp32");
    line(lines, "optimiser", weights.moments(), moments());
    if (weights.mapped() > 0) {
      line(lines, "file pages", weights.mapped(), "weights used in place in their files");
    }
    if (weights.average() > 0) {
      line(lines, "average", weights.average(), "of every trained weight, fp32");
    }
    beside.forEach(item -> line(lines, item.what, item.bytes, item.detail));
    line(lines, "step", step, "the most that is alive at the same time of:");
    line(lines, "  gradients", gradients(), load.early() ? "applied as they come" : "fp32");
    for (PartMemory part : parts) {
      line(
          lines,
          "  " + part.title(),
          part.kept(),
          "%d rows of %s".formatted(part.shape().rows(), part.explain()));
    }
    works.forEach(item -> line(lines, "  " + item.what, item.bytes, item.detail));
    line(
        lines,
        "fragments",
        fragments(),
        findsFreed()
            ? allocator.title() + " finds what was freed (measured)"
            : "freed, but of no use for what comes next (measured)");
    switch (load.device()) {
      case Device.Cpu() -> host(lines);
      case Device.Cuda cuda -> {}
    }
    line(lines, "total", total(), whose());
    switch (load.device()) {
      case Device.Cpu() -> {}
      case Device.Cuda cuda -> {
        lines.add("Beside it, of the machine's memory:");
        host(lines);
      }
    }
    return lines;
  }

  private String moments() {
    return load.stateShards() == 1
        ? "two moments of every trained weight, fp32"
        : "two moments of each trained weight, fp32, spread over %d ranks"
            .formatted(load.stateShards());
  }

  private String whose() {
    return switch (load.device()) {
      case Device.Cpu() ->
          understated()
              ? String.format(
                  Locale.ROOT,
                  "of one process; with blocks computed again up to %.2f times that",
                  RECOMPUTED_EXCESS)
              : String.format(Locale.ROOT, "of one process, within %.0f %%", 100 * ERROR);
      case Device.Cuda cuda -> "of the GPU's memory; never measured on one";
    };
  }

  private void host(List<String> lines) {
    line(
        lines,
        "input ring",
        ring(),
        "%d batches of %d %s".formatted(BatchLoader.RING, rows.all, rows.unit));
    line(lines, "decoding", DECODING, "Java's heap at work (measured)");
    line(lines, "base", BASE, "Java and libtorch (measured%s)".formatted(onCpu()));
  }

  private String onCpu() {
    return switch (load.device()) {
      case Device.Cpu() -> "";
      case Device.Cuda cuda -> " without CUDA";
    };
  }

  private static void line(List<String> lines, String what, long bytes, String detail) {
    lines.add(String.format(Locale.ROOT, "%-16s %9s  %s", what, size(bytes), detail));
  }

  /// In the unit that a person would use.
  public static String size(long bytes) {
    return PartMemory.size(bytes);
  }
}
