package dev.eosin.vllm;

import dev.eosin.config.DataException;
import dev.eosin.onnx.Activations;
import dev.eosin.onnx.Attention;
import dev.eosin.onnx.Attribute;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.Linears;
import dev.eosin.onnx.Norms;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A [Projector] as a graph. b images, n tokens of each, k most tiles of one, c width of features,
/// d width of the language model, h heads.
record ProjectorGraph(GraphPass pass) {
  /// @param features [b,n,c]
  /// @return [b,n,d] fp32
  GraphValue of(LinearProjector projector, GraphValue features) throws DataException {
    GraphValue x = features;
    for (int i = 0; i < projector.depth(); i++) {
      String name = projector.linear(i);
      GraphValue entering = i == 0 ? x : Activations.gelu(pass, x);
      x = Linears.linear(pass, entering, name + ".weight", name + ".bias");
    }
    return pass.marked(projector.prefix(), pass.wide(x));
  }

  /// The output of each layer is marked, `projector.layers.0`.
  ///
  /// @param queries features of whole images [b,n,c]
  /// @param tiles theirs [b,k n,c]
  /// @param real which of those are of tiles that are there, boolean [b,1,1,k n]
  /// @return [b,n,d] fp32
  GraphValue of(TileConnector connector, GraphValue queries, GraphValue tiles, GraphValue real)
      throws DataException {
    GraphValue mask = Attention.mask(pass, real);
    GraphValue x = plainNorm(connector, queries);
    for (int layer = 0; layer < connector.layers(); layer++) {
      String place = connector.layer(layer);
      GraphValue before = x;
      x =
          pass.marked(
              place,
              pass.graph().within(place, () -> layer(connector, place, before, tiles, mask)));
    }
    GraphValue sum = norm(pass.residual(x, queries), connector.prefix() + ".norm");
    return pass.wide(linear(sum, connector.prefix() + ".output"));
  }

  private GraphValue layer(
      TileConnector connector, String layer, GraphValue x, GraphValue tiles, GraphValue mask)
      throws DataException {
    List<GraphValue> own =
        Attention.parts(pass, linear(x, layer + ".attention.query-key-value"), 3);
    GraphValue seen = attended(connector, own.get(0), own.get(1), own.get(2), Optional.empty());
    GraphValue h =
        norm(
            pass.residual(x, linear(seen, layer + ".attention.output")), layer + ".attention-norm");
    List<GraphValue> of =
        Attention.parts(pass, linear(tiles, layer + ".cross-attention.key-value"), 2);
    GraphValue asking = linear(h, layer + ".cross-attention.query");
    GraphValue heard = attended(connector, asking, of.get(0), of.get(1), Optional.of(mask));
    GraphValue g =
        norm(
            pass.residual(h, linear(heard, layer + ".cross-attention.output")),
            layer + ".cross-attention-norm");
    GraphValue up = Activations.gelu(pass, linear(g, layer + ".mlp.up"));
    return norm(pass.residual(g, linear(up, layer + ".mlp.down")), layer + ".mlp-norm");
  }

  private GraphValue attended(
      TileConnector connector,
      GraphValue q,
      GraphValue k,
      GraphValue v,
      Optional<GraphValue> mask) {
    int heads = connector.heads();
    int size = connector.hidden() / heads;
    GraphValue attended =
        Attention.attended(
            pass,
            Attention.heads(pass, q, heads, size),
            Attention.heads(pass, k, heads, size),
            Attention.heads(pass, v, heads, size),
            Math.pow(size, -0.5),
            mask);
    return Attention.tokens(pass, attended, connector.hidden());
  }

  private GraphValue linear(GraphValue x, String name) throws DataException {
    return Linears.linear(pass, x, name + ".weight", name + ".bias");
  }

  private GraphValue norm(GraphValue x, String name) throws DataException {
    return Norms.layerNorm(pass, x, name + ".weight", name + ".bias", TileConnector.EPSILON);
  }

  /// A norm without weights of what asks.
  private GraphValue plainNorm(TileConnector connector, GraphValue x) {
    float[] ones = new float[connector.hidden()];
    Arrays.fill(ones, 1);
    return pass.op(
        "LayerNormalization",
        List.of(pass.wide(x), pass.graph().reals(ones)),
        Attribute.of("axis", -1L),
        Attribute.of("epsilon", (float) TileConnector.EPSILON));
  }
}
