package dev.eosin.vllm;

import dev.eosin.nn.InitialValue;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// PA-LLaVA's scale-invariant connector: the features of a whole image ask those of its tiles, in
/// layers of BERT's kind, and what they hear is added to them. However many tiles there are, the
/// language model reads as many tokens as the whole image has. b images, n tokens of each, k most
/// tiles, c width, d width of the language model.
///
/// Keys are real up to an image's own number of tiles; PA-LLaVA's code sees one tile more.
///
/// Source: Dai et al., "PA-LLaVA" (2024), section 3.3; layers as in BERT, norms after the sums.
///
/// @param prefix of its weights' names
/// @param hidden c
/// @param layers number of layers
/// @param heads attention heads, a divisor of c
/// @param mlpWidth hidden size of the MLP
/// @param width d
public record TileConnector(
    String prefix, int hidden, int layers, int heads, int mlpWidth, int width)
    implements Projector {
  static final double EPSILON = 1e-12;
  private static final double DEVIATION = 0.02;
  private static final Kernel QUERIES = new Kernel("connector_queries");
  private static final Kernel LAYER = new Kernel("connector_layer");
  private static final Kernel HEAD = new Kernel("connector_head");
  private static final Kernel BESIDE = new Kernel("tiles_beside");

  /// In the order in which the kernel takes them, each with a weight and a bias.
  private static final List<String> MODULES =
      List.of(
          "attention.query-key-value",
          "attention.output",
          "attention-norm",
          "cross-attention.query",
          "cross-attention.key-value",
          "cross-attention.output",
          "cross-attention-norm",
          "mlp.up",
          "mlp.down",
          "mlp-norm");

  public TileConnector {
    if (layers < 1 || heads < 1 || hidden % heads != 0) {
      throw new IllegalArgumentException(
          "%s: %d layers of width %d cannot have %d heads"
              .formatted(prefix, layers, hidden, heads));
    }
  }

  /// At its published size: 6 layers of 12 heads, an MLP of four times the width.
  public static TileConnector published(String prefix, int hidden, int width) {
    return new TileConnector(prefix, hidden, 6, hidden / 64, 4 * hidden, width);
  }

  @Override
  public String title() {
    return "connector";
  }

  @Override
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      for (String module : MODULES) {
        weights.addAll(module(layer(layer) + "." + module, module));
      }
    }
    weights.addAll(norm(prefix + ".norm"));
    var first = new InitialValue.Uniform(Math.pow(hidden, -0.5));
    weights.add(new Weight(prefix + ".output.weight", first, false, width, hidden));
    weights.add(new Weight(prefix + ".output.bias", first, false, width));
    return weights;
  }

  String layer(int layer) {
    return prefix + ".layers." + layer;
  }

  private List<Weight> module(String name, String module) {
    return switch (module) {
      case "attention.query-key-value" -> linear(name, 3L * hidden, hidden);
      case "cross-attention.key-value" -> linear(name, 2L * hidden, hidden);
      case "mlp.up" -> linear(name, mlpWidth, hidden);
      case "mlp.down" -> linear(name, hidden, mlpWidth);
      default -> module.endsWith("norm") ? norm(name) : linear(name, hidden, hidden);
    };
  }

  private static List<Weight> linear(String name, long out, long in) {
    return List.of(
        Weight.normal(name + ".weight", DEVIATION, out, in), Weight.zeros(name + ".bias", out));
  }

  private List<Weight> norm(String name) {
    return List.of(Weight.ones(name + ".weight", hidden), Weight.zeros(name + ".bias", hidden));
  }

  @Override
  public List<List<String>> lockGroups() {
    return List.of(weights().stream().map(Weight::name).toList());
  }

  /// The tiles of each image side by side, and which of them are there.
  ///
  /// @param features of all tiles, image after image [t,n,c]; released
  /// @param counts of the tiles of each image [b], at least one
  Tiles tiles(Pass pass, Value features, int[] counts) {
    int most = 0;
    for (int count : counts) {
      most = Math.max(most, count);
    }
    long[] which = new long[counts.length * most];
    long[] real = new long[counts.length];
    int next = 0;
    for (int image = 0; image < counts.length; image++) {
      for (int tile = 0; tile < counts[image]; tile++) {
        which[image * most + tile] = next + (long) tile;
      }
      next += counts[image];
      real[image] = counts[image];
    }
    if (next != features.data().size(0)) {
      throw new IllegalArgumentException(
          "%d tiles of %d images, but features of %d"
              .formatted(next, counts.length, features.data().size(0)));
    }
    int tokens = Math.toIntExact(features.data().size(1));
    Value index = pass.graph().adopt(pass.engine().of(which, which.length));
    Value beside = pass.one(BESIDE, List.of(features, index), List.of(), counts.length);
    pass.release(features);
    pass.release(index);
    try (Tensor each = pass.engine().of(real, real.length)) {
      Tensor mask = pass.engine().kernels().one("real_tiles", each, most, tokens);
      return new Tiles(beside, pass.graph().adopt(mask));
    }
  }

  /// @param features [b,k n,c]
  /// @param real boolean [b,1,1,k n]
  record Tiles(Value features, Value real) {}

  /// The state of the queries when they enter and behind each of the layers. [b,n,c] each
  ///
  /// @param queries of the whole images [b,n,c]
  List<Value> states(Pass pass, Value queries, Tiles tiles) {
    List<Value> states = new ArrayList<>();
    states.add(pass.one(QUERIES, List.of(queries), List.of(), EPSILON));
    for (int layer = 0; layer < layers; layer++) {
      String[] names = names(layer);
      List<Value> inputs = List.of(states.getLast(), tiles.features(), tiles.real());
      states.add(
          pass.one(
              pass.execution().recomputes(layer) ? LAYER.recomputing() : LAYER,
              inputs,
              pass.named(names),
              heads,
              EPSILON));
    }
    return states;
  }

  private String[] names(int layer) {
    return MODULES.stream()
        .flatMap(module -> Stream.of(module + ".weight", module + ".bias"))
        .map(name -> layer(layer) + "." + name)
        .toArray(String[]::new);
  }

  /// @param queries of the whole images [b,n,c]; released, as the tiles are
  /// @return [b,n,d]
  Value of(Pass pass, Value queries, Tiles tiles) {
    List<Value> states = states(pass, queries, tiles);
    Value connected =
        pass.one(
            HEAD,
            List.of(states.getLast(), queries),
            pass.named(
                prefix + ".norm.weight",
                prefix + ".norm.bias",
                prefix + ".output.weight",
                prefix + ".output.bias"),
            EPSILON);
    states.forEach(pass::release);
    pass.release(queries);
    pass.release(tiles.features());
    pass.release(tiles.real());
    return connected;
  }
}
