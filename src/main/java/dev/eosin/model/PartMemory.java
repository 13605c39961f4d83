package dev.eosin.model;

import dev.eosin.model.BlockMemory.Kind;
import dev.eosin.model.BlockMemory.Rows;
import dev.eosin.nn.LowRank;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/// What one part of a model (a tower, a decoder) keeps from its forward pass for its backward pass,
/// in bytes.
///
/// @param title for a person
/// @param shape what enters its blocks
/// @param before what is kept before the first block, the input included
/// @param blocks in the order of the forward pass
/// @param trained elements of its trained weights
/// @param narrow whether gradients come in a narrower type than their fp32 sums
public record PartMemory(
    String title, Rows shape, long before, List<BlockMemory> blocks, long trained, boolean narrow) {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  public PartMemory {
    blocks = List.copyOf(blocks);
  }

  /// @param tower its blocks
  /// @param own all its weights but adapters
  /// @param below those of them that stand before its blocks
  /// @param shape what enters its blocks
  /// @param before what is kept before the first block, the input included
  /// @param pooled whether the last block is computed for one token of each row
  public static PartMemory of(
      StepLoad load,
      String title,
      Transformer tower,
      List<Weight> own,
      Predicate<Weight> below,
      Rows shape,
      long before,
      boolean pooled) {
    List<Weight> weights = new ArrayList<>(own);
    LowRank adapter = load.execution().adapters().get(tower.prefix());
    if (adapter != null) {
      weights.addAll(tower.adapters(adapter));
    }
    List<Weight> trained = weights.stream().filter(load::isTrained).toList();
    var blocks = new ArrayList<BlockMemory>();
    boolean differentiated = own.stream().anyMatch(below.and(load::isTrained));
    for (int layer = 0; layer < tower.layers(); layer++) {
      String prefix = "%s.blocks.%d.".formatted(tower.prefix(), layer);
      Predicate<Weight> inBlock = weight -> weight.name().startsWith(prefix);
      List<Weight> trainedHere = trained.stream().filter(inBlock).toList();
      differentiated |= !trainedHere.isEmpty();
      boolean whole = trainedHere.size() == weights.stream().filter(inBlock).count();
      boolean oneToken =
          pooled && load.execution().pooledLastBlock() && layer == tower.layers() - 1;
      Kind kind =
          differentiated ? kind(tower, load, layer, oneToken, whole, adapter != null) : Kind.FROZEN;
      blocks.add(
          BlockMemory.of(kind, tower, shape, elements(trainedHere), Optional.ofNullable(adapter)));
    }
    return new PartMemory(title, shape, before, blocks, elements(trained), load.isNarrow());
  }

  /// @param whole whether all of the block is trained
  private static Kind kind(
      Transformer tower,
      StepLoad load,
      int layer,
      boolean oneToken,
      boolean whole,
      boolean adapted) {
    boolean again = load.execution().recomputes(layer);
    if (oneToken) {
      return again ? Kind.ONE_TOKEN_RECOMPUTED : Kind.ONE_TOKEN;
    }
    boolean lean =
        switch (tower.style().norms()) {
          case BEFORE -> whole || adapted;
          case AFTER ->
              whole
                  && !adapted
                  && load.device() instanceof Device.Cpu
                  && load.compute() == DType.FLOAT32;
        };
    if (load.execution().ownBackward() && lean) {
      return again ? Kind.OWN_BACKWARD_RECOMPUTED : Kind.OWN_BACKWARD;
    }
    return again ? Kind.RECOMPUTED : Kind.AUTOGRAD;
  }

  private static long elements(List<Weight> weights) {
    return weights.stream()
        .mapToLong(weight -> LongStream.of(weight.shape()).reduce(1, Math::multiplyExact))
        .sum();
  }

  /// Whether blocks are computed a second time in the backward pass.
  public boolean isComputedAgain() {
    return blocks.stream()
        .map(BlockMemory::kind)
        .anyMatch(
            kind ->
                switch (kind) {
                  case OWN_BACKWARD_RECOMPUTED, RECOMPUTED -> true;
                  case FROZEN, OWN_BACKWARD, AUTOGRAD, ONE_TOKEN, ONE_TOKEN_RECOMPUTED -> false;
                });
  }

  /// Kept when the forward pass is done.
  public long kept() {
    return before + blocks.stream().mapToLong(BlockMemory::kept).sum();
  }

  /// Gradients of all trained weights, fp32.
  public long gradients() {
    return trained * Float.BYTES;
  }

  /// The largest sum of what is kept by then and of a block's work over a forward pass.
  ///
  /// @param keeps whether anything is kept for a backward pass
  public long forwardPeak(boolean keeps) {
    long kept = before;
    long peak = kept;
    for (BlockMemory block : blocks) {
      peak = Math.max(peak, kept + Math.max(block.forward(), keeps ? block.kept() : 0));
      kept += keeps ? block.kept() : 0;
    }
    return peak;
  }

  /// The largest sum of what is still kept, of a block's work and of the gradients made so far,
  /// over this tower's backward pass.
  ///
  /// @param summed whether the sums of gradients are there from the start: an earlier part of the
  ///   same step made them
  /// @param early whether each is applied and dropped as soon as it is there
  public long backwardPeak(boolean summed, boolean early) {
    long kept = kept();
    long all = early ? 0 : gradients();
    long gradients = summed ? all : 0;
    long peak = kept + gradients;
    for (BlockMemory block : blocks.reversed()) {
      long fresh = block.trained() * (narrow ? Float.BYTES + Short.BYTES : Float.BYTES);
      peak = Math.max(peak, kept + gradients + fresh + block.work());
      kept -= block.kept();
      gradients += summed || early ? 0 : block.trained() * Float.BYTES;
    }
    return Math.max(peak, kept + all);
  }

  /// For a person: how many blocks keep how much.
  public String explain() {
    var lines = new ArrayList<String>();
    for (Kind kind : Kind.values()) {
      List<BlockMemory> alike = blocks.stream().filter(block -> block.kind() == kind).toList();
      if (!alike.isEmpty()) {
        lines.add(
            "%d x %s (%s)".formatted(alike.size(), size(alike.getFirst().kept()), kind.words()));
      }
    }
    return "%d tokens; %s".formatted(shape.tokens(), String.join(", ", lines));
  }

  /// Bytes in the unit that a person would use.
  public static String size(long bytes) {
    return bytes >= GIB
        ? String.format(Locale.ROOT, "%.1f GiB", bytes / (double) GIB)
        : String.format(Locale.ROOT, "%.1f MiB", bytes / (double) MIB);
  }
}
