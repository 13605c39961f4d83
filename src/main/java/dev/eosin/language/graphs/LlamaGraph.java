package dev.eosin.language.graphs;

import dev.eosin.config.DataException;
import dev.eosin.language.Llama;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.onnx.Activations;
import dev.eosin.onnx.Attention;
import dev.eosin.onnx.Attribute;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.GraphBuilder;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.Linears;
import dev.eosin.onnx.Norms;
import java.util.List;
import java.util.Optional;

/// The blocks of a [Llama] as a graph: what [dev.eosin.language.LlamaBlocks] computes in training
/// and [dev.eosin.language.LlamaMemory] in generation. b rows, n tokens, h heads, g of keys and
/// values, d size of a head, c hidden size.
///
/// @param past keys and values of the tokens before
/// @param seen what of the keys each token sees, added to scores
/// @param cosines of each token's turns [b,1,n,d]
/// @param sines of them, negative in their first half [b,1,n,d]
record LlamaGraph(
    GraphPass pass,
    Llama model,
    PastKeys past,
    GraphValue seen,
    GraphValue cosines,
    GraphValue sines) {
  static LlamaGraph of(
      GraphPass pass,
      Llama model,
      PastKeys past,
      GraphValue tokens,
      GraphValue mask,
      GraphValue positions) {
    GraphBuilder graph = pass.graph();
    double[] frequencies = model.spec().rotary().frequencies(model.spec().headWidth());
    float[] speeds = new float[frequencies.length];
    for (int i = 0; i < speeds.length; i++) {
      speeds[i] = (float) frequencies[i];
    }
    GraphValue places =
        pass.op("Unsqueeze", List.of(graph.cast(positions, ElementType.FLOAT), graph.wholes(1, 3)));
    GraphValue angles = pass.op("Mul", List.of(places, graph.reals(speeds)));
    GraphValue cosine = pass.op("Cos", List.of(angles));
    GraphValue sine = pass.op("Sin", List.of(angles));
    GraphValue back = pass.op("Neg", List.of(sine));
    return new LlamaGraph(
        pass,
        model,
        past,
        DecoderGraph.seen(pass, tokens, mask, model.spec().window().orElse(0)),
        joined(pass, cosine, cosine),
        joined(pass, back, sine));
  }

  private static GraphValue joined(GraphPass pass, GraphValue first, GraphValue second) {
    return pass.op("Concat", List.of(first, second), Attribute.of("axis", -1L));
  }

  /// The last block's state of every token [b,n,c], fp32.
  ///
  /// @throws DataException when a weight is missing
  GraphValue through(GraphValue tokens) throws DataException {
    GraphValue x = tokens;
    for (int layer = 0; layer < model.spec().layers(); layer++) {
      String place = "%s.blocks.%d".formatted(model.prefix(), layer);
      GraphValue before = x;
      int at = layer;
      x = pass.marked(place, pass.graph().within(place, () -> block(before, at)));
    }
    return x;
  }

  /// @param states before the last norm [b,n,c]
  /// @return [b,n,v]
  GraphValue logits(GraphValue states) throws DataException {
    return DecoderGraph.scores(pass, model, norm(states, model.norm()));
  }

  private GraphValue norm(GraphValue x, String weight) throws DataException {
    return Norms.rmsNorm(pass, x, weight, model.spec().normEpsilon());
  }

  private GraphValue block(GraphValue x, int layer) throws DataException {
    List<String> names = model.names(layer);
    GraphValue attended = attention(names, pass.narrow(norm(x, names.get(0))), layer);
    GraphValue middle = pass.residual(x, attended);
    GraphValue normed = pass.narrow(norm(middle, names.get(5)));
    GraphValue gate = Activations.silu(pass, Linears.linear(pass, normed, names.get(6)));
    GraphValue up = Linears.linear(pass, normed, names.get(7));
    GraphValue gated = pass.op("Mul", List.of(gate, up));
    return pass.residual(middle, Linears.linear(pass, gated, names.get(8)));
  }

  private GraphValue attention(List<String> names, GraphValue x, int layer) throws DataException {
    LlamaSpec spec = model.spec();
    GraphValue q = turned(projected(names, x, 0, spec.heads()));
    GraphValue k = turned(projected(names, x, 1, spec.groups()));
    GraphValue v = projected(names, x, 2, spec.groups());
    PastKeys.Layer all = past.extended(layer, k, v);
    GraphValue attended =
        Attention.attended(
            pass,
            q,
            repeated(all.keys()),
            repeated(all.values()),
            Math.pow(spec.headWidth(), -0.5),
            Optional.of(seen));
    GraphValue tokens = Attention.tokens(pass, attended, (long) spec.heads() * spec.headWidth());
    return Linears.linear(pass, tokens, names.get(4));
  }

  /// Query, key or value [b,heads,n,d].
  private GraphValue projected(List<String> names, GraphValue x, int which, int heads)
      throws DataException {
    GraphValue y =
        model.spec().biased()
            ? Linears.linear(pass, x, names.get(1 + which), names.get(9 + which))
            : Linears.linear(pass, x, names.get(1 + which));
    return Attention.heads(pass, y, heads, model.spec().headWidth());
  }

  /// x cos + roll(x) sin, fp32.
  private GraphValue turned(GraphValue x) {
    GraphValue wide = pass.wide(x);
    List<GraphValue> halves = Attention.parts(pass, wide, 2);
    GraphValue rolled = joined(pass, halves.get(1), halves.get(0));
    return pass.op(
        "Add",
        List.of(pass.op("Mul", List.of(wide, cosines)), pass.op("Mul", List.of(rolled, sines))));
  }

  /// Keys or values [b,g,m,d] for every head [b,h,m,d].
  private GraphValue repeated(GraphValue x) {
    LlamaSpec spec = model.spec();
    int times = spec.heads() / spec.groups();
    if (times == 1) {
      return x;
    }
    GraphBuilder graph = pass.graph();
    GraphValue apart = pass.op("Unsqueeze", List.of(pass.narrow(x), graph.wholes(2)));
    GraphValue each = pass.op("Expand", List.of(apart, graph.wholes(1, 1, times, 1, 1)));
    return pass.op("Reshape", List.of(each, graph.wholes(0, spec.heads(), -1, spec.headWidth())));
  }
}
