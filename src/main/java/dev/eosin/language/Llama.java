package dev.eosin.language;

import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.nn.InitialValue;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// A decoder of LLaMA's kind.
///
/// Source: transformers 5.18 `modeling_llama.py`, `modeling_mistral.py`, `modeling_qwen2.py`.
///
/// @param prefix of its weights' names
/// @param spec what it is
/// @param adapters beside its linears
/// @param deviation of the first values of all matrices, in training from scratch
public record Llama(String prefix, LlamaSpec spec, Adapters adapters, double deviation)
    implements Decoder {
  /// In the order in which the block kernels take them; biases last, where there are any.
  private static final List<String> BLOCK =
      List.of(
          "attention-norm.weight",
          "attention.query.weight",
          "attention.key.weight",
          "attention.value.weight",
          "attention.output.weight",
          "mlp-norm.weight",
          "mlp.gate.weight",
          "mlp.up.weight",
          "mlp.down.weight",
          "attention.query.bias",
          "attention.key.bias",
          "attention.value.bias");

  static final int WITHOUT_BIASES = 9;
  static final List<Integer> LINEARS = List.of(1, 2, 3, 4, 6, 7, 8);
  private static final Kernel NORM = new Kernel("rms_norm");

  /// A decoder whose matrices begin with a deviation of 1 / sqrt(c), or as in its file.
  public static Llama of(String prefix, LlamaSpec spec) {
    return new Llama(prefix, spec, Adapters.NONE, Math.pow(spec.width(), -0.5));
  }

  @Override
  public Llama with(Adapters others) {
    return new Llama(prefix, spec, others, deviation);
  }

  @Override
  public String title() {
    return "decoder";
  }

  @Override
  public String table() {
    return prefix + ".token-embedding.weight";
  }

  @Override
  public String head() {
    return spec.tied() ? table() : prefix + ".head.weight";
  }

  public String norm() {
    return prefix + ".norm.weight";
  }

  @Override
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>();
    weights.add(matrix(table(), spec.vocabulary(), spec.width()));
    for (int layer = 0; layer < spec.layers(); layer++) {
      weights.addAll(blockWeights(layer));
    }
    weights.add(Weight.ones(norm(), spec.width()));
    if (!spec.tied()) {
      weights.add(matrix(head(), spec.vocabulary(), spec.width()));
    }
    return weights;
  }

  private Weight matrix(String name, long rows, long columns) {
    return new Weight(name, new InitialValue.Normal(deviation), false, rows, columns);
  }

  private List<Weight> blockWeights(int layer) {
    List<String> names = names(layer);
    long c = spec.width();
    long q = (long) spec.heads() * spec.headWidth();
    long kv = (long) spec.groups() * spec.headWidth();
    long f = spec.mlpWidth();
    List<Weight> weights = new ArrayList<>();
    weights.add(Weight.ones(names.get(0), c));
    weights.add(matrix(names.get(1), q, c));
    weights.add(matrix(names.get(2), kv, c));
    weights.add(matrix(names.get(3), kv, c));
    weights.add(matrix(names.get(4), c, q));
    weights.add(Weight.ones(names.get(5), c));
    weights.add(matrix(names.get(6), f, c));
    weights.add(matrix(names.get(7), f, c));
    weights.add(matrix(names.get(8), c, f));
    if (spec.biased()) {
      weights.add(Weight.zeros(names.get(9), q));
      weights.add(Weight.zeros(names.get(10), kv));
      weights.add(Weight.zeros(names.get(11), kv));
    }
    return weights;
  }

  @Override
  public List<Weight> adapterWeights() {
    List<Weight> weights = new ArrayList<>(adapters.rows(table(), spec.width()));
    weights.addAll(stack().adapterWeights(this::blockWeights));
    return weights;
  }

  @Override
  public List<String> linears() {
    return stack().everyLinear();
  }

  public List<String> names(int layer) {
    return stack().names(layer);
  }

  /// Its blocks' names, and the adapters beside them.
  AdaptedBlocks stack() {
    List<String> parts = BLOCK.subList(0, spec.biased() ? BLOCK.size() : WITHOUT_BIASES);
    return new AdaptedBlocks(prefix, parts, LINEARS, spec.layers(), adapters);
  }

  @Override
  public List<List<String>> lockGroups() {
    List<List<String>> groups = new ArrayList<>();
    groups.add(List.of(table()));
    IntStream.range(0, spec.layers()).forEach(layer -> groups.add(names(layer)));
    groups.add(spec.tied() ? List.of(norm()) : List.of(norm(), head()));
    return groups;
  }

  @Override
  public Value normed(Pass pass, Value states) {
    return pass.one(NORM, List.of(states), pass.named(norm()), spec.normEpsilon());
  }

  @Override
  public List<Value> states(Pass pass, Value tokens, Columns columns) {
    var blocks = LlamaBlocks.open(this, pass, columns);
    List<Value> states = new ArrayList<>();
    Value x = tokens;
    for (int layer = 0; layer < spec.layers(); layer++) {
      x = blocks.apply(x, layer);
      states.add(x);
    }
    blocks.release();
    return states;
  }

  @Override
  public Value through(Pass pass, Value tokens, Columns columns) {
    var blocks = LlamaBlocks.open(this, pass, columns);
    Value x = tokens;
    for (int layer = 0; layer < spec.layers(); layer++) {
      Value next = blocks.apply(x, layer);
      pass.release(x);
      x = next;
    }
    blocks.release();
    return x;
  }

  @Override
  public RowMemory remember(Pass pass, int rows, int most) {
    return LlamaMemory.begin(this, pass, rows, most);
  }

  /// The turns of some positions: cosines and sines, fp32 [k,n,1,d]; the caller closes them.
  ///
  /// @param positions [k,n]
  List<Tensor> turns(Pass pass, long[] positions, int rows) {
    long[] shape = {rows, positions.length / rows};
    try (Tensor places = pass.engine().of(positions, shape)) {
      double[] frequencies = spec.rotary().frequencies(spec.headWidth());
      return pass.engine().kernels().list("turns", places, frequencies);
    }
  }

  @Override
  public String toString() {
    return "%s: %s, adapters at %s"
        .formatted(prefix, spec, Arrays.toString(adapters.linears().keySet().toArray()));
  }
}
