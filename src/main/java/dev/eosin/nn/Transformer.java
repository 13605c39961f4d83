package dev.eosin.nn;

import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A stack of transformer blocks (multi-head self-attention, then an MLP).
///
/// @param prefix of its parameters' names: `image` gives `image.blocks.0.attention-norm.weight`
/// @param layers number of blocks
/// @param width hidden size c
/// @param heads attention heads, a divisor of the width
/// @param mlpWidth hidden size of the MLP
/// @param causal whether a token sees only itself and what precedes it
/// @param activation of the MLP
/// @param style norms, epsilon, LayerScale and SwiGLU
public record Transformer(
    String prefix,
    int layers,
    int width,
    int heads,
    int mlpWidth,
    boolean causal,
    Activation activation,
    BlockStyle style) {
  /// In the order in which the block kernels take them.
  private static final List<String> BLOCK_PARAMETERS =
      List.of(
          "attention-norm.weight",
          "attention-norm.bias",
          "attention.query-key-value.weight",
          "attention.query-key-value.bias",
          "attention.output.weight",
          "attention.output.bias",
          "mlp-norm.weight",
          "mlp-norm.bias",
          "mlp.up.weight",
          "mlp.up.bias",
          "mlp.down.weight",
          "mlp.down.bias",
          "attention.layer-scale",
          "mlp.layer-scale");

  private static final int PARAMETERS_WITHOUT_SCALE = 12;

  public Transformer {
    if (layers < 1 || heads < 1 || width % heads != 0) {
      throw new IllegalArgumentException(
          "%s: %d layers of width %d cannot have %d heads".formatted(prefix, layers, width, heads));
    }
  }

  /// The weights, initialised as the style says or as the CLIP paper's code does (normal, scaled by
  /// width and depth).
  public List<Weight> weights() {
    double attention = style.deviation().orElse(Math.pow(width, -0.5));
    double residual = style.deviation().orElse(attention * Math.pow(2.0 * layers, -0.5));
    double up = style.deviation().orElse(Math.pow(2.0 * width, -0.5));
    long rows = style.gated() ? 2L * mlpWidth : mlpWidth;
    var weights = new ArrayList<Weight>();
    for (int i = 0; i < layers; i++) {
      List<String> names = names(i);
      weights.add(Weight.ones(names.get(0), width));
      weights.add(Weight.zeros(names.get(1), width));
      weights.add(Weight.normal(names.get(2), attention, 3L * width, width));
      weights.add(Weight.zeros(names.get(3), 3L * width));
      weights.add(Weight.normal(names.get(4), residual, width, width));
      weights.add(Weight.zeros(names.get(5), width));
      weights.add(Weight.ones(names.get(6), width));
      weights.add(Weight.zeros(names.get(7), width));
      weights.add(Weight.normal(names.get(8), up, rows, width));
      weights.add(Weight.zeros(names.get(9), rows));
      weights.add(Weight.normal(names.get(10), residual, width, mlpWidth));
      weights.add(Weight.zeros(names.get(11), width));
      for (String scale : names.subList(PARAMETERS_WITHOUT_SCALE, names.size())) {
        weights.add(Weight.constant(scale, style.layerScale().orElseThrow(), width));
      }
    }
    return weights;
  }

  /// The weights of low-rank adapters in every block: A as peft starts it (uniform within 1 / sqrt
  /// of its inputs), B zero, so that nothing changes at first.
  public List<Weight> adapters(LowRank lowRank) {
    Map<String, long[]> shapes =
        weights().stream().collect(Collectors.toMap(Weight::name, Weight::shape));
    List<Weight> adapters = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      for (String name : adapted(i, lowRank)) {
        long[] shape = Objects.requireNonNull(shapes.get(name));
        var first = new InitialValue.Uniform(Math.pow(shape[1], -0.5));
        adapters.add(new Weight(LowRank.down(name), first, false, lowRank.rank(), shape[1]));
        adapters.add(Weight.zeros(LowRank.up(name), shape[0], lowRank.rank()));
      }
    }
    return adapters;
  }

  /// Names of the weights that have adapters, in all blocks.
  public List<String> adapted(LowRank lowRank) {
    return IntStream.range(0, layers)
        .boxed()
        .flatMap(layer -> adapted(layer, lowRank).stream())
        .toList();
  }

  List<String> adapted(int layer, LowRank lowRank) {
    List<String> names = names(layer);
    List<String> adapted = new ArrayList<>();
    if (lowRank.attention()) {
      adapted.addAll(List.of(names.get(2), names.get(4)));
    }
    if (lowRank.mlp()) {
      adapted.addAll(List.of(names.get(8), names.get(10)));
    }
    return adapted;
  }

  List<String> names(int layer) {
    int count = style.layerScale().isPresent() ? BLOCK_PARAMETERS.size() : PARAMETERS_WITHOUT_SCALE;
    return BLOCK_PARAMETERS.subList(0, count).stream()
        .map(name -> "%s.blocks.%d.%s".formatted(prefix, layer, name))
        .toList();
  }

  /// The block of a layer, counted from 0.
  public Block block(int layer) {
    return switch (style.norms()) {
      case BEFORE -> new PreNorm(this, layer);
      case AFTER -> new PostNorm(this, layer);
    };
  }

  /// Every block's output [b,n,c], the last one included.
  ///
  /// @param beside for blocks with their norms after the sums, others take none: the mask, boolean
  ///   [b,1,1,n], which tokens are seen; in training with dropout then its seeds, int64 [b,s] with
  ///   s [#dropoutSeeds]
  public List<Value> hiddenStates(Pass pass, Value tokens, Value... beside) {
    var states = new ArrayList<Value>();
    Value x = tokens;
    for (int i = 0; i < layers; i++) {
      x = block(i).all(pass, x, beside);
      states.add(x);
    }
    return states;
  }

  /// The output of the last of the first `count` blocks, for all tokens; those above are not
  /// computed. [b,n,c]
  ///
  /// @param tokens [b,n,c]; released
  /// @param beside as for [#hiddenStates]
  public Value through(Pass pass, Value tokens, int count, Value... beside) {
    Value x = tokens;
    for (int i = 0; i < count; i++) {
      Value next = block(i).all(pass, x, beside);
      pass.release(x);
      x = next;
    }
    return x;
  }

  /// The last block's output for all tokens. [b,n,c]
  ///
  /// @param tokens [b,n,c]; released
  /// @param beside as for [#hiddenStates]
  public Value last(Pass pass, Value tokens, Value... beside) {
    return through(pass, tokens, layers, beside);
  }

  /// The last block's output for one token per row.
  ///
  /// @param tokens [b,n,c]; released
  /// @param position int64 `[b]`; blocks with their norms after the sums take the first token alone
  /// @param beside as for [#hiddenStates]
  /// @return [b,1,c], or [b,n,c] where the execution does not shorten the last block
  public Value pooled(Pass pass, Value tokens, Optional<Value> position, Value... beside) {
    if (!pass.execution().pooledLastBlock()) {
      return last(pass, tokens, beside);
    }
    Value x = through(pass, tokens, layers - 1, beside);
    Value pooled = block(layers - 1).one(pass, x, position, beside);
    pass.release(x);
    return pooled;
  }

  /// Seeds of one row's dropout: the first for what enters the first block, then three for each
  /// block.
  public int dropoutSeeds() {
    return 1 + PostNorm.SEEDS * layers;
  }

  List<Parameter> parameters(ParameterSet parameters, int layer) {
    return names(layer).stream().map(parameters::get).toList();
  }
}
