package dev.eosin.clip;

import dev.eosin.clip.BlockMemory.Kind;
import dev.eosin.clip.BlockMemory.Rows;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.LowRank;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// What one tower keeps from its forward pass for its backward pass, in bytes.
///
/// @param shape what enters its blocks
/// @param before what is kept before the first block, the input included
/// @param blocks in the order of the forward pass
/// @param trained elements of its trained weights
/// @param narrow whether gradients come in a narrower type than their fp32 sums
record TowerMemory(
    Rows shape, long before, List<BlockMemory> blocks, long trained, boolean narrow) {
  TowerMemory {
    blocks = List.copyOf(blocks);
  }

  static TowerMemory image(TrainingLoad load) {
    ClipSpec.Image image = load.spec().image();
    ImageTower tower = ImageTower.of(load.spec());
    int all = image.tokens();
    int kept = load.patchDropout() == 0 ? all : 1 + PatchDropout.kept(all - 1, load.patchDropout());
    var whole = Rows.of(load, all);
    long pixels = whole.imageBytes(3L * image.height() * image.width());
    long before = pixels;
    if (tower.weights().stream().anyMatch(embeds("image").and(load::isTrained))) {
      // Once more sorted into patches; the norm before the first block keeps its input, and the
      // tokens stay of which some are picked.
      before += pixels;
      before += image instanceof ClipSpec.Vit ? whole.normed(image.hiddenSize()) : 0;
      before += kept < all ? whole.bytes(image.hiddenSize()) : 0;
    }
    boolean pooled =
        switch (image) {
          case ClipSpec.Vit vit -> true;
          case TimmImage timm -> timm.pool() == TimmImage.Pool.CLASS_TOKEN;
        };
    return of(load, tower.blocks(), tower.weights(), whole.of(kept), before, pooled);
  }

  /// At the longest caption that the recipe allows.
  static TowerMemory text(TrainingLoad load) {
    ClipSpec.Text text = load.spec().text();
    TextTower tower = TextTower.of(load.spec());
    var shape = Rows.of(load, text.context());
    boolean embeds = tower.weights().stream().anyMatch(embeds("text").and(load::isTrained));
    return switch (text) {
      case ClipSpec.Causal causal -> of(load, tower.blocks(), tower.weights(), shape, 0, true);
      case BertText bert -> {
        // The norm of the embeddings keeps its input.
        long before = embeds ? shape.normed(bert.hiddenSize()) : 0;
        boolean first = bert.pool() != BertText.Pool.MEAN;
        yield of(load, tower.blocks(), tower.weights(), shape, before, first);
      }
    };
  }

  /// Weights of a tower that stand before its blocks.
  private static Predicate<Weight> embeds(String tower) {
    return weight ->
        Stream.of("embedding", "class-token", "register-tokens", "pre-norm")
            .anyMatch(
                part -> weight.name().startsWith(tower + ".") && weight.name().contains(part));
  }

  private static TowerMemory of(
      TrainingLoad load,
      Transformer tower,
      List<Weight> own,
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
    boolean differentiated = own.stream().anyMatch(embeds(tower.prefix()).and(load::isTrained));
    for (int layer = 0; layer < tower.layers(); layer++) {
      String prefix = "%s.blocks.%d.".formatted(tower.prefix(), layer);
      Predicate<Weight> inBlock = weight -> weight.name().startsWith(prefix);
      List<Weight> trainedHere = trained.stream().filter(inBlock).toList();
      differentiated |= !trainedHere.isEmpty();
      boolean whole = trainedHere.size() == weights.stream().filter(inBlock).count();
      boolean oneToken =
          pooled && load.execution().pooledLastBlock() && layer == tower.layers() - 1;
      Kind kind =
          differentiated
              ? kind(tower, load.execution(), layer, oneToken, whole || adapter != null)
              : Kind.FROZEN;
      blocks.add(
          BlockMemory.of(kind, tower, shape, elements(trainedHere), Optional.ofNullable(adapter)));
    }
    return new TowerMemory(shape, before, blocks, elements(trained), load.isNarrow());
  }

  /// @param one whether all of the block is trained, or adapters beside locked weights
  private static Kind kind(
      Transformer tower, BlockExecution execution, int layer, boolean oneToken, boolean one) {
    boolean again = execution.recomputes(layer);
    if (oneToken) {
      return again ? Kind.ONE_TOKEN_RECOMPUTED : Kind.ONE_TOKEN;
    }
    if (execution.ownBackward() && tower.style().lean() && one) {
      return again ? Kind.OWN_BACKWARD_RECOMPUTED : Kind.OWN_BACKWARD;
    }
    return again ? Kind.RECOMPUTED : Kind.AUTOGRAD;
  }

  private static long elements(List<Weight> weights) {
    return weights.stream()
        .mapToLong(weight -> LongStream.of(weight.shape()).reduce(1, Math::multiplyExact))
        .sum();
  }

  /// Kept when the forward pass is done.
  long kept() {
    return before + blocks.stream().mapToLong(BlockMemory::kept).sum();
  }

  /// Gradients of all trained weights, fp32.
  long gradients() {
    return trained * Float.BYTES;
  }

  /// The largest sum of what is kept by then and of a block's work over a forward pass.
  ///
  /// @param keeps whether anything is kept for a backward pass
  long forwardPeak(boolean keeps) {
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
  long backwardPeak(boolean summed) {
    long kept = kept();
    long gradients = summed ? gradients() : 0;
    long peak = kept + gradients;
    for (BlockMemory block : blocks.reversed()) {
      long fresh = block.trained() * (narrow ? Float.BYTES + Short.BYTES : Float.BYTES);
      peak = Math.max(peak, kept + gradients + fresh + block.work());
      kept -= block.kept();
      gradients += summed ? 0 : block.trained() * Float.BYTES;
    }
    return Math.max(peak, kept + gradients());
  }

  /// For a person: how many blocks keep how much.
  String explain() {
    var lines = new ArrayList<String>();
    for (Kind kind : Kind.values()) {
      List<BlockMemory> alike = blocks.stream().filter(block -> block.kind() == kind).toList();
      if (!alike.isEmpty()) {
        lines.add(
            "%d x %s (%s)"
                .formatted(alike.size(), MemoryPlan.size(alike.getFirst().kept()), kind.words()));
      }
    }
    return "%d tokens; %s".formatted(shape.tokens(), String.join(", ", lines));
  }
}
