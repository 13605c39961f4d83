package dev.eosin.language;

import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.model.BlockMemory;
import dev.eosin.model.BlockMemory.Kind;
import dev.eosin.model.PartMemory;
import dev.eosin.model.StepLoad;
import dev.eosin.nn.Weight;
import dev.eosin.train.machine.MemoryPlan;
import dev.eosin.train.machine.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/// What a decoder needs of a training step's memory, derived from what its kernels keep.
public final class DecoderMemory {
  private DecoderMemory() {}

  /// A decoder's blocks at `tokens` columns.
  ///
  /// @param below whether something before its blocks is trained, so that gradients go through all
  ///   of them
  public static PartMemory of(Llama model, StepLoad load, int tokens, boolean below) {
    // Activations are fp32 on a CPU whatever the weights are.
    var shape = new BlockMemory.Rows(load.rows(), tokens, Float.BYTES, false);
    List<Weight> all = new ArrayList<>(model.weights());
    all.addAll(model.adapterWeights());
    List<Weight> trained = all.stream().filter(load::isTrained).toList();
    boolean differentiated =
        below
            || trained.stream()
                .anyMatch(
                    weight ->
                        weight.name().equals(model.table())
                            || weight.name().equals(Adapters.rows(model.table())));
    List<BlockMemory> blocks = new ArrayList<>();
    for (int layer = 0; layer < model.spec().layers(); layer++) {
      Set<String> names = Set.copyOf(model.names(layer));
      String prefix = "%s.blocks.%d.".formatted(model.prefix(), layer);
      List<Weight> here = trained.stream().filter(w -> w.name().startsWith(prefix)).toList();
      long own = here.stream().filter(weight -> names.contains(weight.name())).count();
      differentiated |= !here.isEmpty();
      boolean lean = load.execution().ownBackward() && (own == 0 || own == names.size());
      boolean again = load.execution().recomputes(layer);
      blocks.add(block(model, shape, kind(differentiated, lean, again), elements(here)));
    }
    return new PartMemory(model.title(), shape, 0, blocks, elements(trained), load.isNarrow());
  }

  private static Kind kind(boolean differentiated, boolean lean, boolean again) {
    if (!differentiated) {
      return Kind.FROZEN;
    }
    if (lean) {
      return again ? Kind.OWN_BACKWARD_RECOMPUTED : Kind.OWN_BACKWARD;
    }
    return again ? Kind.RECOMPUTED : Kind.AUTOGRAD;
  }

  private static BlockMemory block(Llama model, BlockMemory.Rows shape, Kind kind, long trained) {
    LlamaSpec spec = model.spec();
    long c = spec.width();
    long f = spec.mlpWidth();
    long q = (long) spec.heads() * spec.headWidth();
    long kv = 2L * spec.groups() * spec.headWidth();
    // Queries, keys and values, attention, the sum, gate and up; log sums of every head.
    long own = shape.bytes(2 * q + kv + c + 2 * f + spec.heads());
    // Autograd keeps norms, products before and after they turn or are activated, and both sums.
    long autograd = shape.bytes(5 * c + 5 * q + 3 * kv + 4 * f);
    long work = shape.bytes(4 * f + 4 * c + 4 * q + 2 * kv);
    long forward = shape.bytes(3 * c + 3 * f + q + kv);
    long input = shape.bytes(c);
    return switch (kind) {
      case FROZEN -> new BlockMemory(kind, 0, 0, forward, trained);
      case OWN_BACKWARD -> new BlockMemory(kind, input + own, work, forward, trained);
      case OWN_BACKWARD_RECOMPUTED ->
          new BlockMemory(kind, input, own + work, Math.max(forward, own), trained);
      case AUTOGRAD -> new BlockMemory(kind, input + autograd, work, forward, trained);
      case RECOMPUTED -> new BlockMemory(kind, input, autograd + work, forward, trained);
      case ONE_TOKEN, ONE_TOKEN_RECOMPUTED ->
          throw new IllegalArgumentException("a decoder is not pooled");
    };
  }

  /// The phases of a step whose loss asks for at most all tokens.
  public static List<Phase> phases(Llama model, StepLoad load, PartMemory part, int tokens) {
    return List.of(
        new Phase.Forward(part, true),
        new Phase.Work(loss(model, load, tokens)),
        new Phase.Backward(part));
  }

  /// A chunk's logits with their logarithms, the rows that are asked for with their norms and
  /// gradients, and the head's gradient where it is trained.
  static MemoryPlan.Item loss(Llama model, StepLoad load, int tokens) {
    LlamaSpec spec = model.spec();
    long chunk = TokenPart.chunk(spec.vocabulary());
    long rows = (long) load.rows() * tokens;
    boolean trained =
        model.weights().stream()
            .anyMatch(weight -> weight.name().equals(model.head()) && load.isTrained(weight));
    long head = trained ? (long) spec.vocabulary() * spec.width() : 0;
    long elements = 3 * chunk * spec.vocabulary() + 4 * rows * spec.width() + head;
    return new MemoryPlan.Item(
        "loss", elements * Float.BYTES, "in chunks of %d tokens".formatted(chunk));
  }

  private static long elements(List<Weight> weights) {
    return weights.stream()
        .mapToLong(weight -> LongStream.of(weight.shape()).reduce(1, Math::multiplyExact))
        .sum();
  }
}
