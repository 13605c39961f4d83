package dev.eosin.language.graphs;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.language.Decoder;
import dev.eosin.language.Llama;
import dev.eosin.language.Opt;
import dev.eosin.language.TokenPart;
import dev.eosin.onnx.Attention;
import dev.eosin.onnx.Dimension;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.GraphBuilder;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.Linears;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.Rows;
import java.util.List;

/// A [Decoder] as graphs, in the names and axes of optimum. b rows, n tokens, past those before, c
/// hidden size, v vocabulary.
///
/// One graph reads prompts and continues them: where nothing was read before, the keys and values
/// before have no tokens. The output of each block is marked, `decoder.blocks.0`.
///
/// @param weights under Eosin's names, adapters merged; open until the graphs are written
public record DecoderGraph(
    Decoder decoder, StoredTensors weights, Opset opset, GraphPrecision precision) {
  /// What a graph reads.
  public enum Entry {
    /// Ids of the token table.
    IDS,
    /// Tokens, features of images among them.
    EMBEDDINGS
  }

  /// Everything: `input_ids` or `inputs_embeds`, `attention_mask` [b,past + n], `position_ids`
  /// [b,n], `past_key_values.N.key` and `.value` to `logits` [b,n,v], `present.N.key` and `.value`.
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel merged(Entry entry) throws DataException {
    GraphPass pass = pass("decoder_model_merged");
    GraphValue tokens = entered(pass, entry);
    GraphValue mask =
        pass.graph()
            .input(
                GraphInputs.MASK,
                ElementType.INT64,
                Dimension.of(GraphInputs.ROWS),
                Dimension.of(GraphInputs.KEYS));
    GraphValue positions = whole(pass, GraphInputs.POSITIONS);
    GraphValue logits;
    PastKeys past;
    switch (decoder) {
      case Llama llama -> {
        past = new PastKeys(pass, llama.spec().groups(), llama.spec().headWidth());
        var blocks = LlamaGraph.of(pass, llama, past, tokens, mask, positions);
        logits = blocks.logits(blocks.through(tokens));
      }
      case Opt opt -> {
        past = new PastKeys(pass, opt.spec().heads(), opt.spec().headWidth());
        var blocks = OptGraph.of(pass, opt, past, tokens, mask);
        logits = blocks.logits(blocks.through(tokens, positions));
      }
    }
    pass.graph()
        .output(
            GraphInputs.LOGITS,
            pass.wide(logits),
            Dimension.of(GraphInputs.ROWS),
            Dimension.of(GraphInputs.TOKENS),
            Dimension.of(decoder.spec().vocabulary()));
    past.give();
    return pass.graph().build();
  }

  /// The token table alone: `input_ids` to `inputs_embeds`.
  ///
  /// @throws DataException when the table is missing
  public OnnxModel embedTokens() throws DataException {
    return table(pass("embed_tokens"), decoder);
  }

  /// A token table as the whole of a graph.
  static OnnxModel table(GraphPass pass, TokenPart part) throws DataException {
    pass.graph()
        .output(
            GraphInputs.EMBEDDINGS,
            Rows.of(pass, part.table(), whole(pass, GraphInputs.IDS)),
            Dimension.of(GraphInputs.ROWS),
            Dimension.of(GraphInputs.TOKENS),
            Dimension.of(part.spec().width()));
    return pass.graph().build();
  }

  private GraphPass pass(String name) {
    return new GraphPass(new GraphBuilder(name, opset, precision), weights);
  }

  private GraphValue entered(GraphPass pass, Entry entry) throws DataException {
    return switch (entry) {
      case IDS -> Rows.of(pass, decoder.table(), whole(pass, GraphInputs.IDS));
      case EMBEDDINGS ->
          pass.graph()
              .input(
                  GraphInputs.EMBEDDINGS,
                  ElementType.FLOAT,
                  Dimension.of(GraphInputs.ROWS),
                  Dimension.of(GraphInputs.TOKENS),
                  Dimension.of(decoder.spec().width()));
    };
  }

  private static GraphValue whole(GraphPass pass, String name) {
    return pass.graph()
        .input(
            name,
            ElementType.INT64,
            Dimension.of(GraphInputs.ROWS),
            Dimension.of(GraphInputs.TOKENS));
  }

  /// What of the keys each token sees, as numbers to add to scores [b,1,n,past + n].
  ///
  /// @param tokens [b,n,c]
  /// @param mask int64 [b,past + n]
  /// @param window how many tokens, itself included, a token sees; 0 for all
  static GraphValue seen(GraphPass pass, GraphValue tokens, GraphValue mask, int window) {
    GraphBuilder graph = pass.graph();
    GraphValue n = Attention.size(pass, tokens, 1);
    GraphValue m = Attention.size(pass, mask, 1);
    GraphValue seen =
        pass.op("And", List.of(Attention.causal(pass, n, m), Attention.notPadding(pass, mask)));
    if (window > 0) {
      // What the token `window` places before sees, this one does not.
      GraphValue before = pass.op("Sub", List.of(m, graph.whole(window)));
      GraphValue keys = pass.op("Range", List.of(graph.whole(0), m, graph.whole(1)));
      GraphValue ends =
          pass.op("Range", List.of(pass.op("Sub", List.of(before, n)), before, graph.whole(1)));
      GraphValue rows = pass.op("Unsqueeze", List.of(ends, graph.wholes(1)));
      GraphValue near = graph.op("Greater", ElementType.BOOL, List.of(keys, rows));
      seen = pass.op("And", List.of(seen, near));
    }
    return Attention.mask(pass, seen);
  }

  /// Scores of what comes next [b,n,v].
  ///
  /// @param normed through the last norm [b,n,c]
  static GraphValue scores(GraphPass pass, TokenPart part, GraphValue normed) throws DataException {
    return part.head().equals(part.table())
        ? Linears.rows(
            pass, normed, pass.weight(part.table(), pass.products()), part.spec().width())
        : Linears.linear(pass, normed, part.head());
  }
}
