package dev.eosin.qformer;

import dev.eosin.config.DataException;
import dev.eosin.onnx.Activations;
import dev.eosin.onnx.Attention;
import dev.eosin.onnx.Attribute;
import dev.eosin.onnx.GraphBuilder;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.Linears;
import dev.eosin.onnx.Norms;
import dev.eosin.onnx.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A [QFormer] as a graph: what [QFormerPass] computes, without dropout. b rows, q queries, t
/// words, m tokens of an image, n tokens in all, c hidden size. The output of each layer is marked
/// by its place behind `scope`.
///
/// @param scope for names, where a graph goes through the layers more than once
record QFormerGraph(GraphPass pass, QFormer model, String scope) {
  /// An image and which of its tokens are seen.
  ///
  /// @param states through the norm [b,m,e]
  /// @param seen int64 [b,m]; nothing where all are
  record Image(GraphValue states, Optional<GraphValue> seen) {}

  /// Words and which of them are there.
  ///
  /// @param ids int64 [b,t]
  /// @param present int64 [b,t]
  record Words(GraphValue ids, GraphValue present) {}

  /// Queries that see each other and the image [b,q,c] fp32.
  ///
  /// @throws DataException when a weight is missing
  GraphValue read(Image image) throws DataException {
    return through(queries(image.states), Optional.of(image), Optional.empty(), true);
  }

  /// Queries and words that all see each other, the queries first [b,q + t,c] fp32.
  ///
  /// @throws DataException when a weight is missing
  GraphValue both(Image image, Words words) throws DataException {
    GraphValue tokens =
        pass.op(
            "Concat", List.of(queries(image.states), embedded(words)), Attribute.of("axis", 1L));
    GraphValue present = withQueries(words.present);
    return through(tokens, Optional.of(image), Optional.of(present), true);
  }

  /// Words that see each other [b,t,c] fp32.
  ///
  /// @throws DataException when a weight is missing
  GraphValue text(Words words) throws DataException {
    return through(embedded(words), Optional.empty(), Optional.of(words.present), false);
  }

  /// The learned queries, for each row of an image.
  private GraphValue queries(GraphValue image) throws DataException {
    GraphBuilder graph = pass.graph();
    GraphValue sizes =
        pass.op("Concat", List.of(rows(image), graph.wholes(1, 1)), Attribute.of("axis", 0L));
    return pass.op("Expand", List.of(pass.weight(model.queryTokens()), sizes));
  }

  private GraphValue rows(GraphValue value) {
    return pass.op("Unsqueeze", List.of(Attention.size(pass, value, 0), pass.graph().wholes(0)));
  }

  private GraphValue embedded(Words words) throws DataException {
    GraphValue rows = Rows.of(pass, model.table(), words.ids);
    GraphValue t = Attention.size(pass, words.ids, 1);
    return pass.op("Add", List.of(rows, Rows.first(pass, model.positions(), t)));
  }

  private GraphValue withQueries(GraphValue present) {
    GraphBuilder graph = pass.graph();
    GraphValue sizes =
        pass.op(
            "Concat",
            List.of(rows(present), graph.wholes(model.spec().queries())),
            Attribute.of("axis", 0L));
    GraphValue ones = pass.op("Expand", List.of(graph.whole(1), sizes));
    return pass.op("Concat", List.of(ones, present), Attribute.of("axis", 1L));
  }

  /// The last layer's states [b,n,c] fp32.
  ///
  /// @param tokens queries, words, or both [b,n,c]
  /// @param present which tokens are seen, int64 [b,n]; nothing where all are, and where all are
  ///   queries
  /// @param queries whether the first tokens are queries
  GraphValue through(
      GraphValue tokens, Optional<Image> image, Optional<GraphValue> present, boolean queries)
      throws DataException {
    String[] norm = model.norm();
    GraphValue x = Norms.layerNorm(pass, tokens, norm[0], norm[1], model.spec().normEpsilon());
    Optional<GraphValue> mask = present.map(this::hidden);
    Optional<GraphValue> ofImage = image.flatMap(Image::seen).map(this::hidden);
    boolean words = !queries || present.isPresent();
    for (int i = 0; i < model.spec().layers(); i++) {
      String place = "%s%s.blocks.%d".formatted(scope, model.prefix(), i);
      QFormerLayer layer = model.layer(i);
      GraphValue before = x;
      x =
          pass.marked(
              place,
              pass.graph()
                  .within(place, () -> layer(layer, before, mask, image, ofImage, queries, words)));
    }
    return x;
  }

  private GraphValue hidden(GraphValue present) {
    return Attention.mask(pass, Attention.notPadding(pass, present));
  }

  private GraphValue layer(
      QFormerLayer layer,
      GraphValue x,
      Optional<GraphValue> mask,
      Optional<Image> image,
      Optional<GraphValue> ofImage,
      boolean queries,
      boolean words)
      throws DataException {
    List<GraphValue> own = Attention.parts(pass, linear(layer, x, "attention.query-key-value"), 3);
    GraphValue attended = attended(own.get(0), own.get(1), own.get(2), mask);
    GraphValue h = added(layer, x, attended, "attention.output", "attention-norm");
    if (!queries) {
      return mlp(layer, h, "mlp");
    }
    int q = model.spec().queries();
    GraphValue y = words ? Rows.slice(pass, h, 1, 0, q) : h;
    if (model.spec().crosses(layer.index())) {
      GraphValue states = image.orElseThrow().states;
      List<GraphValue> seen =
          Attention.parts(pass, linear(layer, states, "cross-attention.key-value"), 2);
      GraphValue asking = linear(layer, y, "cross-attention.query");
      GraphValue looked = attended(asking, seen.get(0), seen.get(1), ofImage);
      y = added(layer, y, looked, "cross-attention.output", "cross-attention-norm");
    }
    List<GraphValue> parts = new ArrayList<>(List.of(mlp(layer, y, "query-mlp")));
    if (words) {
      parts.add(mlp(layer, Rows.slice(pass, h, 1, q, Long.MAX_VALUE), "mlp"));
    }
    return parts.size() == 1
        ? parts.getFirst()
        : pass.op("Concat", parts, Attribute.of("axis", 1L));
  }

  private GraphValue attended(GraphValue q, GraphValue k, GraphValue v, Optional<GraphValue> mask) {
    int heads = model.spec().heads();
    int size = model.spec().width() / heads;
    GraphValue attended =
        Attention.attended(
            pass,
            Attention.heads(pass, q, heads, size),
            Attention.heads(pass, k, heads, size),
            Attention.heads(pass, v, heads, size),
            Math.pow(size, -0.5),
            mask);
    return Attention.tokens(pass, attended, model.spec().width());
  }

  private GraphValue mlp(QFormerLayer layer, GraphValue x, String part) throws DataException {
    GraphValue up = Activations.gelu(pass, linear(layer, x, part + ".up"));
    return added(layer, x, up, part + ".down", part + "-norm");
  }

  /// norm(x + linear(y))
  private GraphValue added(
      QFormerLayer layer, GraphValue x, GraphValue y, String linear, String norm)
      throws DataException {
    return Norms.layerNorm(
        pass,
        pass.residual(x, linear(layer, y, linear)),
        layer.name(norm + ".weight"),
        layer.name(norm + ".bias"),
        model.spec().normEpsilon());
  }

  private GraphValue linear(QFormerLayer layer, GraphValue x, String part) throws DataException {
    return Linears.linear(pass, x, layer.name(part + ".weight"), layer.name(part + ".bias"));
  }
}
