package dev.eosin.language.graphs;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.language.T5;
import dev.eosin.language.T5Encoder;
import dev.eosin.onnx.Attention;
import dev.eosin.onnx.Dimension;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.GraphBuilder;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.Rows;
import java.util.List;

/// A [T5] as graphs, in the names of optimum: an encoder, and a decoder that begins and continues
/// answers. b rows, m tokens of the encoder, n of the decoder, c hidden size, v vocabulary.
///
/// The output of each block is marked, `t5.encoder.blocks.0`.
///
/// @param weights under Eosin's names; open until the graphs are written
public record T5Graph(T5 model, StoredTensors weights, Opset opset, GraphPrecision precision) {
  /// fp32 [b,m,c]
  public static final String READ = "encoder_hidden_states";

  /// int64 [b,m]
  public static final String READ_MASK = "encoder_attention_mask";

  /// boolean [1]: whether keys and values of the tokens before are given
  public static final String BRANCH = "use_cache_branch";

  /// fp32 [b,m,c]
  public static final String STATES = "last_hidden_state";

  static final String ENCODER_TOKENS = "encoder_sequence_length";

  /// What the decoder looks at: `input_ids` or `inputs_embeds` and `attention_mask` to
  /// `last_hidden_state`. Rows may be filled up on either side.
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel encoder(DecoderGraph.Entry entry) throws DataException {
    GraphPass pass = pass("encoder_model");
    GraphBuilder graph = pass.graph();
    T5Encoder encoder = model.encoder();
    GraphValue x =
        switch (entry) {
          case IDS -> Rows.of(pass, model.table(), ids(pass, GraphInputs.TOKENS));
          case EMBEDDINGS -> states(pass, GraphInputs.EMBEDDINGS, GraphInputs.TOKENS);
        };
    GraphValue mask =
        graph.input(
            GraphInputs.MASK,
            ElementType.INT64,
            Dimension.of(GraphInputs.ROWS),
            Dimension.of(GraphInputs.TOKENS));
    GraphValue n = Attention.size(pass, x, 1);
    GraphValue biases =
        new T5Distances(pass, model.spec(), true).of(encoder.distances(), graph.whole(0), n);
    GraphValue hidden = Attention.mask(pass, Attention.notPadding(pass, mask));
    GraphValue added = pass.op("Add", List.of(biases, hidden));
    var blocks = new T5BlockGraph(pass, model.spec());
    for (int layer = 0; layer < model.spec().encoderLayers(); layer++) {
      String place = "%s.blocks.%d".formatted(encoder.prefix(), layer);
      List<String> names = encoder.names(layer);
      GraphValue before = x;
      x = pass.marked(place, graph.within(place, () -> encoderBlock(blocks, before, names, added)));
    }
    graph.output(
        STATES,
        blocks.norm(x, encoder.norm()),
        Dimension.of(GraphInputs.ROWS),
        Dimension.of(GraphInputs.TOKENS),
        Dimension.of(model.spec().width()));
    return graph.build();
  }

  private static GraphValue encoderBlock(
      T5BlockGraph blocks, GraphValue x, List<String> names, GraphValue added)
      throws DataException {
    GraphValue h = blocks.pass().narrow(blocks.norm(x, names.get(0)));
    GraphValue y =
        blocks.attended(
            x,
            blocks.heads(h, names.get(1)),
            blocks.heads(h, names.get(2)),
            blocks.heads(h, names.get(3)),
            added,
            names.get(4));
    return blocks.mlp(y, names.subList(5, names.size()));
  }

  /// Answers: `encoder_attention_mask` [b,m], `input_ids` [b,n], `encoder_hidden_states`,
  /// `past_key_values.N.decoder.key` and `.value` [b,h,past,d], `past_key_values.N.encoder.key` and
  /// `.value` [b,h,m,d], `use_cache_branch` to `logits` [b,n,v] and the same as `present.N`.
  ///
  /// A first call says false to `use_cache_branch`: nothing of the keys and values is looked at,
  /// which may have any length. The others say true: of `encoder_hidden_states` nothing is.
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel merged() throws DataException {
    return T5DecoderGraph.of(pass("decoder_model_merged"), model).build();
  }

  /// The token table, of encoder and decoder: `input_ids` to `inputs_embeds`.
  ///
  /// @throws DataException when the table is missing
  public OnnxModel embedTokens() throws DataException {
    return DecoderGraph.table(pass("embed_tokens"), model.decoder());
  }

  private GraphPass pass(String name) {
    return new GraphPass(new GraphBuilder(name, opset, precision), weights);
  }

  private static GraphValue ids(GraphPass pass, String tokens) {
    return pass.graph()
        .input(
            GraphInputs.IDS,
            ElementType.INT64,
            Dimension.of(GraphInputs.ROWS),
            Dimension.of(tokens));
  }

  private GraphValue states(GraphPass pass, String name, String tokens) {
    return pass.graph()
        .input(
            name,
            ElementType.FLOAT,
            Dimension.of(GraphInputs.ROWS),
            Dimension.of(tokens),
            Dimension.of(model.spec().width()));
  }
}
