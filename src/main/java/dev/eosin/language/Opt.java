package dev.eosin.language;

import dev.eosin.language.spec.OptSpec;
import dev.eosin.nn.InitialValue;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// A decoder of OPT's kind: learned positions, layer norms before attention and ReLU MLP, biases
/// everywhere.
///
/// Source: transformers 5.18 `modeling_opt.py`.
///
/// @param prefix of its weights' names
/// @param spec what it is
/// @param adapters beside its linears
/// @param deviation of the first values of all matrices, in training from scratch
public record Opt(String prefix, OptSpec spec, Adapters adapters, double deviation)
    implements Decoder {
  public static final double NORM_EPSILON = 1e-5;

  /// The first entries of the table of positions are those of padding.
  public static final int OFFSET = 2;

  /// In the order in which the block kernels take them.
  private static final List<String> BLOCK =
      List.of(
          "attention-norm.weight",
          "attention-norm.bias",
          "attention.query.weight",
          "attention.key.weight",
          "attention.value.weight",
          "attention.output.weight",
          "mlp-norm.weight",
          "mlp-norm.bias",
          "mlp.up.weight",
          "mlp.down.weight",
          "attention.query.bias",
          "attention.key.bias",
          "attention.value.bias",
          "attention.output.bias",
          "mlp.up.bias",
          "mlp.down.bias");

  private static final List<Integer> LINEARS = List.of(2, 3, 4, 5, 8, 9);
  private static final Kernel POSITIONED = new Kernel("positioned");
  private static final Kernel NORM = new Kernel("layer_norm_of");

  /// A decoder whose matrices begin with a deviation of 1 / sqrt(c), or as in its file.
  public static Opt of(String prefix, OptSpec spec) {
    return new Opt(prefix, spec, Adapters.NONE, Math.pow(spec.width(), -0.5));
  }

  @Override
  public Opt with(Adapters others) {
    return new Opt(prefix, spec, others, deviation);
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
    return table();
  }

  public String positions() {
    return prefix + ".positions.weight";
  }

  /// The last norm's weight and bias.
  public List<String> norm() {
    return List.of(prefix + ".norm.weight", prefix + ".norm.bias");
  }

  @Override
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>();
    weights.add(matrix(table(), spec.vocabulary(), spec.width()));
    weights.add(matrix(positions(), (long) spec.context() + OFFSET, spec.width()));
    for (int layer = 0; layer < spec.layers(); layer++) {
      weights.addAll(blockWeights(layer));
    }
    weights.add(Weight.ones(norm().getFirst(), spec.width()));
    weights.add(Weight.zeros(norm().getLast(), spec.width()));
    return weights;
  }

  private Weight matrix(String name, long rows, long columns) {
    return new Weight(name, new InitialValue.Normal(deviation), false, rows, columns);
  }

  private List<Weight> blockWeights(int layer) {
    List<String> names = names(layer);
    long c = spec.width();
    long f = spec.mlpWidth();
    List<Weight> weights = new ArrayList<>();
    weights.add(Weight.ones(names.get(0), c));
    weights.add(Weight.zeros(names.get(1), c));
    IntStream.range(2, 6).forEach(place -> weights.add(matrix(names.get(place), c, c)));
    weights.add(Weight.ones(names.get(6), c));
    weights.add(Weight.zeros(names.get(7), c));
    weights.add(matrix(names.get(8), f, c));
    weights.add(matrix(names.get(9), c, f));
    IntStream.range(10, 14).forEach(place -> weights.add(Weight.zeros(names.get(place), c)));
    weights.add(Weight.zeros(names.get(14), f));
    weights.add(Weight.zeros(names.get(15), c));
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
    return new AdaptedBlocks(prefix, BLOCK, LINEARS, spec.layers(), adapters);
  }

  @Override
  public List<List<String>> lockGroups() {
    List<List<String>> groups = new ArrayList<>();
    groups.add(List.of(table(), positions()));
    IntStream.range(0, spec.layers()).forEach(layer -> groups.add(names(layer)));
    groups.add(norm());
    return groups;
  }

  @Override
  public Value normed(Pass pass, Value states) {
    return pass.one(NORM, List.of(states), pass.named(norm().toArray(String[]::new)), NORM_EPSILON);
  }

  /// Tokens with their positions, as the first block takes them. [b,n,c]
  ///
  /// @param tokens [b,n,c]; not released
  /// @throws IllegalArgumentException when a row is longer than there are positions
  Value positioned(Pass pass, Value tokens, Columns columns) {
    Tensor places = places(pass, columns, 0, columns.width());
    return pass.one(
        POSITIONED, List.of(tokens, pass.graph().adopt(places)), pass.named(positions()));
  }

  /// Where the positions of some columns are in their table, int64 [k,count]; the caller closes it.
  Tensor places(Pass pass, Columns columns, int first, int count) {
    long[] places = columns.positions(first, count);
    for (int i = 0; i < places.length; i++) {
      if (places[i] >= spec.context()) {
        throw new IllegalArgumentException(
            "a row of %d tokens is longer than the %d positions that this OPT model has learned; cut it"
                .formatted(places[i] + 1, spec.context()));
      }
      places[i] += OFFSET;
    }
    int rows = columns.starts().length;
    return pass.engine().of(places, rows, count);
  }

  @Override
  public List<Value> states(Pass pass, Value tokens, Columns columns) {
    var blocks = OptBlocks.open(this, pass, columns);
    List<Value> states = new ArrayList<>();
    Value x = positioned(pass, tokens, columns);
    for (int layer = 0; layer < spec.layers(); layer++) {
      x = blocks.apply(x, layer);
      states.add(x);
    }
    blocks.release();
    return states;
  }

  @Override
  public Value through(Pass pass, Value tokens, Columns columns) {
    var blocks = OptBlocks.open(this, pass, columns);
    Value x = positioned(pass, tokens, columns);
    pass.release(tokens);
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
    return OptMemory.begin(this, pass, rows, most);
  }

  @Override
  public String toString() {
    return "%s: %s, adapters at %s".formatted(prefix, spec, adapters.linears().keySet());
  }
}
