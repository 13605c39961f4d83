package dev.eosin.language.graphs;

import dev.eosin.onnx.Attribute;
import dev.eosin.onnx.Dimension;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphValue;
import java.util.ArrayList;
import java.util.List;

/// Keys and values of the tokens before, which a decoder's graph takes and gives back longer by its
/// own: `past_key_values.N.key` and `.value`, `present.N.key` and `.value`. b rows, h heads, n
/// tokens, d size of a head. A first call gives none of them: [b,h,0,d].
final class PastKeys {
  private final GraphPass pass;
  private final int heads;
  private final int size;
  private final List<GraphValue> present = new ArrayList<>();

  /// @param heads that have keys and values
  /// @param size d
  PastKeys(GraphPass pass, int heads, int size) {
    this.pass = pass;
    this.heads = heads;
    this.size = size;
  }

  /// Keys or values of one layer, after those of the tokens before.
  ///
  /// @param keys of the tokens that are new
  /// @param values of them
  Layer extended(int layer, GraphValue keys, GraphValue values) {
    return new Layer(
        behind("past_key_values.%d.key".formatted(layer), keys),
        behind("past_key_values.%d.value".formatted(layer), values));
  }

  /// @param keys [b,h,past + n,d] fp32
  /// @param values [b,h,past + n,d] fp32
  record Layer(GraphValue keys, GraphValue values) {}

  private GraphValue behind(String name, GraphValue news) {
    GraphValue past =
        pass.graph()
            .input(
                name,
                ElementType.FLOAT,
                Dimension.of(GraphInputs.ROWS),
                Dimension.of(heads),
                Dimension.of(GraphInputs.PAST),
                Dimension.of(size));
    GraphValue all = pass.op("Concat", List.of(past, pass.wide(news)), Attribute.of("axis", 2L));
    present.add(all);
    return all;
  }

  /// Gives them out, layer by layer.
  void give() {
    for (int i = 0; i < present.size(); i++) {
      pass.graph()
          .output(
              "present.%d.%s".formatted(i / 2, i % 2 == 0 ? "key" : "value"),
              present.get(i),
              Dimension.of(GraphInputs.ROWS),
              Dimension.of(heads),
              Dimension.of(GraphInputs.KEYS),
              Dimension.of(size));
    }
  }
}
