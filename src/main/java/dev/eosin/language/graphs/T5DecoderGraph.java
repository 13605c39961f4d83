package dev.eosin.language.graphs;

import dev.eosin.config.DataException;
import dev.eosin.language.T5;
import dev.eosin.language.T5Decoder;
import dev.eosin.onnx.Attention;
import dev.eosin.onnx.Attribute;
import dev.eosin.onnx.Dimension;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.GraphBuilder;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Rows;
import java.util.ArrayList;
import java.util.List;

/// A [T5Decoder] as a graph: what [dev.eosin.language.T5Blocks] computes in training and
/// [dev.eosin.language.T5Memory] in generation. b rows, m tokens of the encoder, n of the decoder,
/// h heads, d size of a head.
///
/// Whether it begins or goes on, no branch decides, but how much of its inputs is read: of what the
/// encoder gave all or nothing, of the keys and values before nothing or all.
final class T5DecoderGraph {
  private static final String PAST = "past_decoder_sequence_length";
  private static final String KEYS = "past_decoder_sequence_length + decoder_sequence_length";
  private static final String TOKENS = "decoder_sequence_length";
  private static final String PAST_READ = "encoder_sequence_length_out";

  private final GraphPass pass;
  private final T5Decoder model;
  private final T5BlockGraph blocks;
  private final GraphValue mask;
  private final GraphValue ids;
  private final GraphValue read;
  private final List<GraphValue> past = new ArrayList<>();
  private final List<GraphValue> present = new ArrayList<>();
  private final GraphValue before;

  private T5DecoderGraph(GraphPass pass, T5 t5) {
    this.pass = pass;
    this.model = t5.decoder();
    this.blocks = new T5BlockGraph(pass, t5.spec());
    GraphBuilder graph = pass.graph();
    this.mask =
        graph.input(
            T5Graph.READ_MASK,
            ElementType.INT64,
            Dimension.of(GraphInputs.ROWS),
            Dimension.of(T5Graph.ENCODER_TOKENS));
    this.ids =
        graph.input(
            GraphInputs.IDS,
            ElementType.INT64,
            Dimension.of(GraphInputs.ROWS),
            Dimension.of(TOKENS));
    this.read =
        graph.input(
            T5Graph.READ,
            ElementType.FLOAT,
            Dimension.of(GraphInputs.ROWS),
            Dimension.of(T5Graph.ENCODER_TOKENS),
            Dimension.of(t5.spec().width()));
    for (int layer = 0; layer < t5.spec().layers(); layer++) {
      past.add(kept(layer, "decoder.key", PAST));
      past.add(kept(layer, "decoder.value", PAST));
      past.add(kept(layer, "encoder.key", PAST_READ));
      past.add(kept(layer, "encoder.value", PAST_READ));
    }
    this.before = graph.input(T5Graph.BRANCH, ElementType.BOOL, Dimension.of(1));
  }

  static T5DecoderGraph of(GraphPass pass, T5 model) {
    return new T5DecoderGraph(pass, model);
  }

  private GraphValue kept(int layer, String name, String tokens) {
    return pass.graph()
        .input(
            "past_key_values.%d.%s".formatted(layer, name),
            ElementType.FLOAT,
            Dimension.of(GraphInputs.ROWS),
            Dimension.of(model.spec().heads()),
            Dimension.of(tokens),
            Dimension.of(model.spec().headWidth()));
  }

  OnnxModel build() throws DataException {
    GraphBuilder graph = pass.graph();
    past.replaceAll(each -> cut(each, 2, rest(each, 2)));
    GraphValue nothing = graph.wholes(0);
    GraphValue news =
        pass.graph().op("Where", ElementType.INT64, List.of(before, nothing, length(read, 1)));
    GraphValue fresh = cut(read, 1, news);
    GraphValue at = Attention.size(pass, past.getFirst(), 2);
    GraphValue all = pass.op("Add", List.of(at, Attention.size(pass, ids, 1)));
    GraphValue biases = new T5Distances(pass, model.spec(), false).of(model.distances(), at, all);
    GraphValue hidden = Attention.mask(pass, Attention.notPadding(pass, mask));
    GraphValue x = Rows.of(pass, model.table(), ids);
    for (int layer = 0; layer < model.spec().layers(); layer++) {
      String place = "%s.blocks.%d".formatted(model.prefix(), layer);
      GraphValue entering = x;
      int at0 = layer;
      x =
          pass.marked(
              place, graph.within(place, () -> block(entering, at0, fresh, biases, hidden)));
    }
    GraphValue normed = blocks.norm(x, model.norm());
    GraphValue scaled =
        model.factor() == 1
            ? normed
            : pass.op("Mul", List.of(normed, graph.real(model.factor(), ElementType.FLOAT)));
    graph.output(
        GraphInputs.LOGITS,
        pass.wide(DecoderGraph.scores(pass, model, scaled)),
        Dimension.of(GraphInputs.ROWS),
        Dimension.of(TOKENS),
        Dimension.of(model.spec().vocabulary()));
    give();
    return graph.build();
  }

  private void give() {
    List<String> names = List.of("decoder.key", "decoder.value", "encoder.key", "encoder.value");
    for (int i = 0; i < present.size(); i++) {
      pass.graph()
          .output(
              "present.%d.%s".formatted(i / names.size(), names.get(i % names.size())),
              present.get(i),
              Dimension.of(GraphInputs.ROWS),
              Dimension.of(model.spec().heads()),
              Dimension.of(i % names.size() < 2 ? KEYS : PAST_READ),
              Dimension.of(model.spec().headWidth()));
    }
  }

  /// How much of what was before is read, int64 [1].
  private GraphValue rest(GraphValue kept, long axis) {
    return pass.graph()
        .op(
            "Where",
            ElementType.INT64,
            List.of(before, length(kept, axis), pass.graph().wholes(0)));
  }

  private GraphValue length(GraphValue value, long axis) {
    return pass.op("Unsqueeze", List.of(Attention.size(pass, value, axis), pass.graph().wholes(0)));
  }

  private GraphValue cut(GraphValue value, long axis, GraphValue length) {
    GraphBuilder graph = pass.graph();
    return pass.op("Slice", List.of(value, graph.wholes(0), length, graph.wholes(axis)));
  }

  /// Keys or values, after those before; given out as well.
  private GraphValue behind(GraphValue kept, GraphValue news) {
    GraphValue all = pass.op("Concat", List.of(kept, pass.wide(news)), Attribute.of("axis", 2L));
    present.add(all);
    return all;
  }

  private GraphValue block(
      GraphValue x, int layer, GraphValue fresh, GraphValue biases, GraphValue hidden)
      throws DataException {
    List<String> names = model.names(layer);
    List<GraphValue> kept = past.subList(4 * layer, 4 * layer + 4);
    GraphValue h = pass.narrow(blocks.norm(x, names.get(0)));
    GraphValue q = blocks.heads(h, names.get(1));
    GraphValue k = behind(kept.get(0), blocks.heads(h, names.get(2)));
    GraphValue v = behind(kept.get(1), blocks.heads(h, names.get(3)));
    GraphValue y = blocks.attended(x, q, k, v, biases, names.get(4));
    GraphValue asking = pass.narrow(blocks.norm(y, names.get(5)));
    GraphValue seenKeys = behind(kept.get(2), blocks.heads(fresh, names.get(7)));
    GraphValue seenValues = behind(kept.get(3), blocks.heads(fresh, names.get(8)));
    GraphValue z =
        blocks.attended(
            y, blocks.heads(asking, names.get(6)), seenKeys, seenValues, hidden, names.get(9));
    return blocks.mlp(z, names.subList(10, names.size()));
  }
}
