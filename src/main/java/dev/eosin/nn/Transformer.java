package dev.eosin.nn;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
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
  private static final Kernel BLOCK = new Kernel("block");
  private static final Kernel BLOCK_POOLED = new Kernel("block_pooled");
  private static final Kernel BLOCK_LEAN = new Kernel("block_lean", 1, Kernel.Gradient.OWN);
  private static final Kernel BLOCK_FORWARD = new Kernel("block_forward");
  private static final Kernel BLOCK_ADAPTED = new Kernel("block_adapted");
  private static final Kernel BLOCK_LEAN_ADAPTED =
      new Kernel("block_lean_adapted", 1, Kernel.Gradient.OWN);
  private static final Kernel BLOCK_POOLED_ADAPTED = new Kernel("block_pooled_adapted");
  private static final Kernel BLOCK_POST = new Kernel("block_post");
  private static final Kernel BLOCK_POST_ADAPTED = new Kernel("block_post_adapted");

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

  /// For the attention probabilities, what attention adds and what the MLP adds.
  private static final int SEEDS_OF_BLOCK = 3;

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

  private List<String> adapted(int layer, LowRank lowRank) {
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

  private List<String> names(int layer) {
    int count = style.layerScale().isPresent() ? BLOCK_PARAMETERS.size() : PARAMETERS_WITHOUT_SCALE;
    return BLOCK_PARAMETERS.subList(0, count).stream()
        .map(name -> "%s.blocks.%d.%s".formatted(prefix, layer, name))
        .toList();
  }

  /// Every block's output [b,n,c], the last one included.
  ///
  /// @param beside for blocks with their norms after the sums, others take none: the mask, boolean
  ///   [b,1,1,n], which tokens are seen; in training with dropout then its seeds, int64 [b,s] with
  ///   s [#dropoutSeeds]
  public List<Value> hiddenStates(
      Graph graph,
      ParameterSet parameters,
      Value tokens,
      BlockExecution execution,
      Value... beside) {
    var states = new ArrayList<Value>();
    Value x = tokens;
    for (int i = 0; i < layers; i++) {
      x = block(graph, parameters, x, beside, i, execution);
      states.add(x);
    }
    return states;
  }

  /// The last block's output for all tokens. [b,n,c]
  ///
  /// @param tokens [b,n,c]; released
  /// @param beside as for [#hiddenStates]
  public Value last(
      Graph graph,
      ParameterSet parameters,
      Value tokens,
      BlockExecution execution,
      Value... beside) {
    return run(graph, parameters, tokens, layers, execution, beside);
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
    if (!execution.pooledLastBlock()) {
      return last(graph, parameters, tokens, execution);
    }
    Value x = run(graph, parameters, tokens, layers - 1, execution);
    Value pooled = pooledBlock(graph, parameters, x, position, execution);
    graph.release(x);
    return pooled;
  }

  private Value pooledBlock(
      Graph graph, ParameterSet parameters, Value x, Value position, BlockExecution execution) {
    int layer = layers - 1;
    if (execution.adapters().containsKey(prefix)) {
      Kernel kernel = execution.kept(BLOCK_POOLED_ADAPTED, layer);
      return adapted(graph, parameters, kernel, List.of(x, position), layer, execution, order());
    }
    return graph.one(
        execution.kept(BLOCK_POOLED, layer),
        List.of(x, position),
        parameters(parameters, layer),
        List.of(),
        heads,
        causal,
        activation.quick(),
        1.0,
        style.normEpsilon());
  }

  /// A block's own weights, then its pairs, as the adapted kernels take them.
  private List<Parameter> withAdapters(ParameterSet parameters, int layer, LowRank lowRank) {
    List<Parameter> all = new ArrayList<>(parameters(parameters, layer));
    for (String name : adapted(layer, lowRank)) {
      all.addAll(parameters.named(LowRank.down(name), LowRank.up(name)));
    }
    return all;
  }

  /// What the kernels of blocks with their norms before the sums are told of them.
  private Object[] order() {
    return new Object[] {heads, causal, activation.quick()};
  }

  /// An adapted kernel on `x`, and on the bits of dropout behind it where the step has it.
  ///
  /// @param shape what this kernel is told of the block
  private Value adapted(
      Graph graph,
      ParameterSet parameters,
      Kernel kernel,
      List<Value> x,
      int layer,
      BlockExecution execution,
      Object... shape) {
    LowRank lowRank = Objects.requireNonNull(execution.adapters().get(prefix));
    Optional<Value> dropped =
        execution
            .dropout()
            .filter(rows -> lowRank.dropout() > 0)
            .map(rows -> graph.adopt(bits(rows, parameters, x.getFirst(), layer, lowRank)));
    List<Value> inputs = new ArrayList<>(x);
    dropped.ifPresent(inputs::add);
    List<Object> constants = new ArrayList<>();
    constants.add(names(layer).size());
    constants.add(lowRank.attention());
    constants.addAll(Arrays.asList(shape));
    constants.add(dropped.isPresent() ? lowRank.scaleOfRest() : lowRank.scale());
    constants.add(style.normEpsilon());
    List<Parameter> p = withAdapters(parameters, layer, lowRank);
    Value y = graph.one(kernel, inputs, p, constants.toArray());
    dropped.ifPresent(graph::release);
    return y;
  }

  private Tensor bits(
      AdapterDropout rows, ParameterSet parameters, Value x, int layer, LowRank lowRank) {
    int inputs = (lowRank.attention() ? 2 * width : 0) + (lowRank.mlp() ? width + mlpWidth : 0);
    int tokens = Math.toIntExact(x.data().size(1));
    return rows.bits(parameters.engine(), prefix, layer, tokens, inputs, lowRank.dropout());
  }

  /// As [#pooled] for the first token and blocks with their norms after the sums.
  ///
  /// @param beside as for [#hiddenStates]
  public Value first(
      Graph graph,
      ParameterSet parameters,
      Value tokens,
      BlockExecution execution,
      Value... beside) {
    if (!execution.pooledLastBlock()) {
      return last(graph, parameters, tokens, execution, beside);
    }
    Value x = run(graph, parameters, tokens, layers - 1, execution, beside);
    Value pooled = post(graph, parameters, x, beside, layers - 1, true, execution);
    graph.release(x);
    return pooled;
  }

  private Value run(
      Graph graph,
      ParameterSet parameters,
      Value tokens,
      int count,
      BlockExecution execution,
      Value... beside) {
    Value x = tokens;
    for (int i = 0; i < count; i++) {
      Value next = block(graph, parameters, x, beside, i, execution);
      graph.release(x);
      x = next;
    }
    return x;
  }

  private Value block(
      Graph graph,
      ParameterSet parameters,
      Value x,
      Value[] beside,
      int layer,
      BlockExecution execution) {
    if (style.norms() == BlockStyle.Norms.AFTER) {
      return post(graph, parameters, x, beside, layer, false, execution);
    }
    List<Parameter> p = parameters(parameters, layer);
    boolean fast = execution.ownBackward() && style.lean();
    if (execution.adapters().containsKey(prefix)) {
      boolean locked = p.stream().noneMatch(Parameter::trainable);
      Kernel kernel = execution.kept(fast && locked ? BLOCK_LEAN_ADAPTED : BLOCK_ADAPTED, layer);
      return adapted(graph, parameters, kernel, List.of(x), layer, execution, order());
    }
    double epsilon = style.normEpsilon();
    boolean differentiated = graph.differentiates(List.of(x), p);
    if (fast && (!differentiated || p.stream().allMatch(Parameter::trainable))) {
      Kernel kernel = differentiated ? execution.kept(BLOCK_LEAN, layer) : BLOCK_FORWARD;
      return graph.one(kernel, List.of(x), p, heads, causal, activation.quick(), epsilon);
    }
    Kernel kernel = execution.kept(BLOCK, layer);
    return graph.one(
        kernel, List.of(x), p, List.of(), heads, causal, activation.quick(), false, 1.0, epsilon);
  }

  private Value post(
      Graph graph,
      ParameterSet parameters,
      Value x,
      Value[] beside,
      int layer,
      boolean first,
      BlockExecution execution) {
    List<Value> inputs = new ArrayList<>(List.of(x));
    inputs.addAll(List.of(beside));
    int site = 1 + SEEDS_OF_BLOCK * layer;
    double hidden = style.dropout().hidden();
    double attention = style.dropout().attention();
    if (execution.adapters().containsKey(prefix)) {
      if (beside.length == 1) { // the bits of the adapters' dropout stand behind the seeds
        inputs.add(graph.adopt(parameters.engine().zeros(DType.INT64, 0)));
      }
      Kernel kernel = execution.kept(BLOCK_POST_ADAPTED, layer);
      return adapted(
          graph,
          parameters,
          kernel,
          inputs,
          layer,
          execution,
          heads,
          first,
          site,
          hidden,
          attention);
    }
    return graph.one(
        execution.kept(BLOCK_POST, layer),
        inputs,
        parameters(parameters, layer),
        List.of(),
        heads,
        first,
        site,
        hidden,
        attention,
        1.0,
        style.normEpsilon());
  }

  /// Seeds of one row's dropout: the first for what enters the first block, then three for each
  /// block.
  public int dropoutSeeds() {
    return 1 + SEEDS_OF_BLOCK * layers;
  }

  private List<Parameter> parameters(ParameterSet parameters, int layer) {
    return names(layer).stream().map(parameters::get).toList();
  }
}
