package dev.eosin.nn;

import dev.eosin.tensor.Graph;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;

/// A stack of pre-norm transformer blocks (multi-head self-attention, then an MLP).
///
/// @param prefix of its parameters' names: `image` gives `image.blocks.0.attention-norm.weight`
/// @param layers number of blocks
/// @param width hidden size c
/// @param heads attention heads, a divisor of the width
/// @param mlpWidth hidden size of the MLP
/// @param causal whether a token sees only itself and what precedes it
/// @param activation of the MLP
public record Transformer(
    String prefix,
    int layers,
    int width,
    int heads,
    int mlpWidth,
    boolean causal,
    Activation activation) {
  private static final Kernel BLOCK = new Kernel("block");
  private static final Kernel BLOCK_POOLED = new Kernel("block_pooled");
  private static final Kernel BLOCK_LEAN = new Kernel("block_lean", 1, Kernel.Gradient.OWN);

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
          "mlp.down.bias");

  public Transformer {
    if (layers < 1 || heads < 1 || width % heads != 0) {
      throw new IllegalArgumentException(
          "%s: %d layers of width %d cannot have %d heads".formatted(prefix, layers, width, heads));
    }
  }

  /// The weights, initialised as the CLIP paper's code does (normal, scaled by width and depth).
  public List<Weight> weights() {
    double attention = Math.pow(width, -0.5);
    double residual = attention * Math.pow(2.0 * layers, -0.5);
    double up = Math.pow(2.0 * width, -0.5);
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
      weights.add(Weight.normal(names.get(8), up, mlpWidth, width));
      weights.add(Weight.zeros(names.get(9), mlpWidth));
      weights.add(Weight.normal(names.get(10), residual, width, mlpWidth));
      weights.add(Weight.zeros(names.get(11), width));
    }
    return weights;
  }

  private List<String> names(int layer) {
    return BLOCK_PARAMETERS.stream()
        .map(name -> "%s.blocks.%d.%s".formatted(prefix, layer, name))
        .toList();
  }

  /// Every block's output [b,n,c], the last one included.
  public List<Value> hiddenStates(
      Graph graph, ParameterSet parameters, Value tokens, BlockExecution execution) {
    var states = new ArrayList<Value>();
    Value x = tokens;
    for (int i = 0; i < layers; i++) {
      x = block(graph, parameters(parameters, i), x, i, execution);
      states.add(x);
    }
    return states;
  }

  /// The last block's output for one token per row.
  ///
  /// @param tokens [b,n,c]; released
  /// @param position int64 [b]
  /// @return [b,1,c], or [b,n,c] where the execution does not shorten the last block
  public Value pooled(
      Graph graph,
      ParameterSet parameters,
      Value tokens,
      Value position,
      BlockExecution execution) {
    Value x = tokens;
    for (int i = 0; i < layers; i++) {
      List<Parameter> p = parameters(parameters, i);
      boolean shortened = execution.pooledLastBlock() && i == layers - 1;
      Value next =
          shortened
              ? graph.one(
                  execution.kept(BLOCK_POOLED, i),
                  List.of(x, position),
                  p,
                  List.of(),
                  heads,
                  causal,
                  activation.quick(),
                  1.0)
              : block(graph, p, x, i, execution);
      graph.release(x);
      x = next;
    }
    return x;
  }

  private Value block(
      Graph graph, List<Parameter> p, Value x, int layer, BlockExecution execution) {
    boolean trained = p.stream().allMatch(Parameter::trainable);
    Kernel kept = execution.kept(BLOCK, layer);
    if (execution.ownBackward() && trained && kept.gradient() != Kernel.Gradient.RECOMPUTE) {
      return graph.one(BLOCK_LEAN, List.of(x), p, heads, causal, activation.quick());
    }
    return graph.one(kept, List.of(x), p, List.of(), heads, causal, activation.quick(), false, 1.0);
  }

  private List<Parameter> parameters(ParameterSet parameters, int layer) {
    return names(layer).stream().map(parameters::get).toList();
  }
}
