package dev.eosin.language.graphs;

import dev.eosin.config.DataException;
import dev.eosin.language.Opt;
import dev.eosin.language.spec.OptSpec;
import dev.eosin.onnx.Activations;
import dev.eosin.onnx.Attention;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.Linears;
import dev.eosin.onnx.Norms;
import dev.eosin.onnx.Rows;
import java.util.List;
import java.util.Optional;

/// The blocks of an [Opt] as a graph: what [dev.eosin.language.OptBlocks] computes in training and
/// [dev.eosin.language.OptMemory] in generation. b rows, n tokens, c hidden size.
///
/// @param past keys and values of the tokens before
/// @param seen what of the keys each token sees, added to scores
record OptGraph(GraphPass pass, Opt model, PastKeys past, GraphValue seen) {
  static OptGraph of(GraphPass pass, Opt model, PastKeys past, GraphValue tokens, GraphValue mask) {
    return new OptGraph(pass, model, past, DecoderGraph.seen(pass, tokens, mask, 0));
  }

  /// The last block's state of every token [b,n,c], fp32.
  ///
  /// @param positions int64 [b,n]
  /// @throws DataException when a weight is missing
  GraphValue through(GraphValue tokens, GraphValue positions) throws DataException {
    GraphValue places = pass.op("Add", List.of(positions, pass.graph().whole(Opt.OFFSET)));
    GraphValue x = pass.residual(tokens, Rows.of(pass, model.positions(), places));
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
    List<String> norm = model.norm();
    return DecoderGraph.scores(pass, model, norm(states, norm.getFirst(), norm.getLast()));
  }

  private GraphValue norm(GraphValue x, String weight, String bias) throws DataException {
    return Norms.layerNorm(pass, x, weight, bias, Opt.NORM_EPSILON);
  }

  private GraphValue block(GraphValue x, int layer) throws DataException {
    List<String> names = model.names(layer);
    GraphValue normed = pass.narrow(norm(x, names.get(0), names.get(1)));
    GraphValue middle = pass.residual(x, attention(names, normed, layer));
    GraphValue second = norm(middle, names.get(6), names.get(7));
    GraphValue up =
        Activations.relu(pass, Linears.linear(pass, second, names.get(8), names.get(14)));
    return pass.residual(middle, Linears.linear(pass, up, names.get(9), names.get(15)));
  }

  private GraphValue attention(List<String> names, GraphValue x, int layer) throws DataException {
    OptSpec spec = model.spec();
    GraphValue q = projected(names, x, 0);
    PastKeys.Layer all = past.extended(layer, projected(names, x, 1), projected(names, x, 2));
    GraphValue attended =
        Attention.attended(
            pass, q, all.keys(), all.values(), Math.pow(spec.headWidth(), -0.5), Optional.of(seen));
    GraphValue tokens = Attention.tokens(pass, attended, spec.width());
    return Linears.linear(pass, tokens, names.get(5), names.get(13));
  }

  /// Query, key or value [b,h,n,d].
  private GraphValue projected(List<String> names, GraphValue x, int which) throws DataException {
    GraphValue y = Linears.linear(pass, x, names.get(2 + which), names.get(10 + which));
    return Attention.heads(pass, y, model.spec().heads(), model.spec().headWidth());
  }
}
