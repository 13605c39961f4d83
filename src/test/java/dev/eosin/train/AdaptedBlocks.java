package dev.eosin.train;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.MappedWeights;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.data.batches.Batch;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.LowRank;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleSupplier;

/// Transformer blocks in bf16 whose own weights stay as a file has them, with low-rank adapters
/// that learn to turn fixed tokens in a fixed direction; its rows are always the same.
public final class AdaptedBlocks implements Learner {
  private static final int TOKENS = 5;
  private static final LowRank PAIRS = new LowRank(4, 8, true, true, 0);

  private final Transformer blocks;
  private final ParameterSet parameters;
  private final BlockExecution execution;
  private final Tensor tokens;
  private final Tensor direction;

  private AdaptedBlocks(Transformer blocks, ParameterSet parameters) {
    this.blocks = blocks;
    this.parameters = parameters;
    this.execution = new BlockExecution(false, true, 0).adapted(Map.of(blocks.prefix(), PAIRS));
    this.tokens = drawn(parameters.engine(), blocks.width(), 1);
    this.direction = drawn(parameters.engine(), blocks.width(), 2);
    List<Weight> all = new ArrayList<>(blocks.weights());
    all.addAll(blocks.adapters(PAIRS));
    new Initialiser(new RandomKey(3)).fill(parameters, all);
  }

  private static Tensor drawn(Engine engine, int width, long seed) {
    var random = new Random(seed);
    float[] values = new float[TOKENS * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    try (Tensor wide = engine.of(values, 1, TOKENS, width)) {
      Tensor narrow = engine.zeros(DType.BFLOAT16, 1, TOKENS, width);
      engine.kernels().run("assign", narrow, wide);
      return narrow;
    }
  }

  /// The blocks' weights used in place.
  ///
  /// @param weights of exactly these blocks
  public static AdaptedBlocks mapped(Engine engine, Transformer blocks, MappedWeights weights) {
    return new AdaptedBlocks(
        blocks,
        ParameterSet.allocate(engine, specs(blocks), DType.BFLOAT16, List.of(weights.tensors())));
  }

  /// The same from copies of the blocks' weights.
  static AdaptedBlocks copied(Engine engine, Transformer blocks, StoredTensors file)
      throws DataException {
    ParameterSet parameters = ParameterSet.allocate(engine, specs(blocks), DType.BFLOAT16);
    AdaptedBlocks learner = new AdaptedBlocks(blocks, parameters);
    Set<String> adapters = Set.copyOf(blocks.adapters(PAIRS).stream().map(Weight::name).toList());
    StoredWeights.fill(parameters, layout(blocks), file, adapters);
    return learner;
  }

  private static List<ParameterSet.Spec> specs(Transformer blocks) {
    List<ParameterSet.Spec> specs = new ArrayList<>();
    blocks.weights().forEach(weight -> specs.add(weight.lockedSpec()));
    blocks.adapters(PAIRS).forEach(weight -> specs.add(weight.spec(true)));
    return specs;
  }

  public static Layout layout(Transformer blocks) {
    return Layout.own(blocks.weights().stream().map(Weight::name).toList());
  }

  public static Map<String, List<Long>> shapes(Transformer blocks) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    blocks
        .weights()
        .forEach(weight -> shapes.put(weight.name(), StoredWeights.boxed(weight.shape())));
    return shapes;
  }

  /// One pass over all weights without a gradient.
  public double measure() {
    try (Forward graph = new Forward(parameters.engine())) {
      return loss(through(graph));
    }
  }

  /// Delivers the gradients of one step.
  public double differentiate(GradientSink sink) {
    try (Tape tape = new Tape(parameters.engine())) {
      Value last = through(tape);
      double loss = loss(last);
      Tensor gradient = parameters.engine().kernels().one("copied", direction);
      tape.backward(List.of(last), List.of(gradient), sink);
      return loss;
    }
  }

  private Value through(Graph graph) {
    return blocks.last(new Pass(graph, parameters, execution), graph.constant(tokens));
  }

  /// The sum of products with the direction, whose gradient the direction is.
  private double loss(Value last) {
    float[] found = last.data().toFloats();
    float[] along = direction.toFloats();
    double sum = 0;
    for (int i = 0; i < found.length; i++) {
      sum += (double) found[i] * along[i];
    }
    return sum;
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public DType compute() {
    return DType.BFLOAT16;
  }

  @Override
  public double weight(Batch batch) {
    return 1;
  }

  @Override
  public void differentiate(
      Batch batch, double weight, double scale, StepLosses losses, GradientSink sink) {
    losses.add("blocks", differentiate(sink));
  }

  @Override
  public double measure(Batch batch) {
    return measure();
  }

  @Override
  public LossRange range(Batch batch) {
    return new LossRange(Double.NEGATIVE_INFINITY, 0, 0);
  }

  @Override
  public void updated(long update) {}

  @Override
  public Map<String, DoubleSupplier> figures(ScalarReads reads) {
    return Map.of();
  }

  @Override
  public void close() {
    tokens.close();
    direction.close();
    parameters.close();
  }
}
