package dev.eosin.language.graphs;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.language.Decoder;
import dev.eosin.language.T5;
import dev.eosin.language.T5Decoder;
import dev.eosin.language.TokenMask;
import dev.eosin.language.TokenPart;
import dev.eosin.language.stored.LanguageAnswerer;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSession;
import dev.eosin.onnx.runtime.GraphSessions;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The graphs of a language model alone, beside the model.
///
/// @param loaded the model; closed with this
/// @param sessions by the names of [#of]; whoever opened them closes them
public record LanguageGraphs(StoredLanguage.Loaded loaded, GraphSessions sessions)
    implements GraphAnswers {
  /// What graphs are called.
  public static final String DECODER = "decoder_model_merged";

  public static final String ENCODER = "encoder_model";
  public static final String TABLE = "embed_tokens";

  /// The graphs by name: of a decoder one, of T5 two.
  ///
  /// @param weights under Eosin's names, adapters merged; open until the graphs are written
  /// @throws DataException when a weight is missing
  public static Map<String, OnnxModel> of(
      TokenPart part, StoredTensors weights, Opset opset, GraphPrecision precision)
      throws DataException {
    Map<String, OnnxModel> graphs = new LinkedHashMap<>();
    switch (part) {
      case Decoder decoder ->
          graphs.put(
              DECODER,
              new DecoderGraph(decoder, weights, opset, precision).merged(DecoderGraph.Entry.IDS));
      case T5Decoder decoder -> {
        var t5 = new T5Graph(decoder.model(), weights, opset, precision);
        graphs.put(ENCODER, t5.encoder(DecoderGraph.Entry.IDS));
        graphs.put(DECODER, t5.merged());
      }
    }
    return graphs;
  }

  @Override
  public void compare(List<Question> questions, int most, Comparison comparison)
      throws IOException {
    LanguageAnswerer answerer = loaded.answerer();
    List<int[]> asked =
        questions.stream().map(question -> answerer.prompts().prompt(question.text())).toList();
    try (Forward graph = new Forward(answerer.parameters().engine());
        var model = answerer.sequences(graph, asked, most);
        var graphs = graphs(answerer, asked)) {
      comparison.of(model, graphs);
    }
  }

  private GraphSequences graphs(LanguageAnswerer answerer, List<int[]> asked) throws DataException {
    var engine = answerer.parameters().engine();
    int filler = answerer.prompts().ids().filler();
    GraphSession session = sessions.get(DECODER);
    return switch (answerer.decoder()) {
      case Decoder decoder -> GraphSequences.ofIds(engine, decoder, session, asked, filler);
      case T5Decoder decoder -> {
        int width = asked.stream().mapToInt(ids -> ids.length).max().orElseThrow();
        long[] ids = new long[asked.size() * width];
        long[] mask = new long[ids.length];
        Arrays.fill(ids, filler);
        for (int row = 0; row < asked.size(); row++) {
          for (int i = 0; i < asked.get(row).length; i++) {
            ids[row * width + i] = asked.get(row)[i];
            mask[row * width + i] = 1;
          }
        }
        TensorData seen = TensorData.of(mask, asked.size(), width);
        Map<String, TensorData> read =
            sessions
                .get(ENCODER)
                .run(
                    Map.of(
                        GraphInputs.IDS,
                        TensorData.of(ids, asked.size(), width),
                        GraphInputs.MASK,
                        seen));
        yield GraphSequences.ofEncoder(
            engine,
            decoder.spec(),
            session,
            Objects.requireNonNull(read.get(T5Graph.STATES)),
            seen);
      }
    };
  }

  @Override
  public void blocks(Question question) throws IOException {
    switch (answerer().decoder()) {
      case Decoder _ -> answerer().hiddenStates(question);
      case T5Decoder decoder -> {
        int[] asked = answerer().prompts().prompt(question.text());
        var engine = answerer().parameters().engine();
        try (Forward graph = new Forward(engine);
            Tensor ids =
                engine.of(Arrays.stream(asked).asLongStream().toArray(), 1, asked.length)) {
          var pass = new Pass(graph, answerer().parameters(), BlockExecution.PLAIN);
          T5 model = decoder.model();
          TokenMask mask = TokenMask.whole(1, asked.length);
          Value read = model.encoder().through(pass, model.embed(pass, ids), mask);
          decoder.through(pass, graph.adopt(decoder.starts(pass, 1)), read, mask);
        }
      }
    }
  }

  @Override
  public LanguageAnswerer answerer() {
    return loaded.answerer();
  }

  @Override
  public void close() {
    loaded.close();
  }
}
