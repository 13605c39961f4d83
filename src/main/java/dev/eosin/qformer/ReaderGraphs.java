package dev.eosin.qformer;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.features.ImageFeatures;
import dev.eosin.features.ImageFeaturesGraph;
import dev.eosin.language.graphs.DecoderGraph;
import dev.eosin.language.graphs.GraphAnswers;
import dev.eosin.language.graphs.GraphInputs;
import dev.eosin.language.graphs.GraphSequences;
import dev.eosin.language.graphs.LanguageGraphs;
import dev.eosin.language.graphs.T5Graph;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSessions;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.PixelInputs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/// The graphs of a second stage, beside the model. b questions, q tokens of an image, d width of
/// the language model.
///
/// @param model that answers; whoever loaded it closes what it holds by `loaded`
/// @param pixels make the tower's input of an image's bytes; closed with this
/// @param loaded closes the model
/// @param sessions by the names of [#of]; whoever opened them closes them
public record ReaderGraphs(
    ImageAnswerer model, PixelInputs pixels, Runnable loaded, GraphSessions sessions)
    implements GraphAnswers {
  /// What the graph that sees is called.
  public static final String IMAGES = "vision_encoder";

  private static final RandomKey UNUSED = new RandomKey(0);

  /// The graphs by name: of a decoder three, of T5 four.
  ///
  /// @param tower whose tokens are read
  /// @param weights of all of it under Eosin's names; open until the graphs are written
  /// @throws DataException when a weight is missing
  public static Map<String, OnnxModel> of(
      ImageFeatures tower,
      ImageReader reader,
      Answers answers,
      StoredTensors weights,
      Opset opset,
      GraphPrecision precision)
      throws DataException {
    Map<String, OnnxModel> graphs = new LinkedHashMap<>();
    graphs.put(IMAGES, new ReaderGraph(tower, reader, weights, opset, precision).visionEncoder());
    switch (answers) {
      case DecoderAnswers behind -> {
        var decoder = new DecoderGraph(behind.decoder(), weights, opset, precision);
        graphs.put(LanguageGraphs.TABLE, decoder.embedTokens());
        graphs.put(LanguageGraphs.DECODER, decoder.merged(DecoderGraph.Entry.EMBEDDINGS));
      }
      case T5Answers behind -> {
        var t5 = new T5Graph(behind.model(), weights, opset, precision);
        graphs.put(LanguageGraphs.TABLE, t5.embedTokens());
        graphs.put(LanguageGraphs.ENCODER, t5.encoder(DecoderGraph.Entry.EMBEDDINGS));
        graphs.put(LanguageGraphs.DECODER, t5.merged());
      }
    }
    return graphs;
  }

  @Override
  public void compare(List<Question> questions, int most, Comparison comparison)
      throws IOException {
    List<int[]> prompts = new ArrayList<>();
    for (Question question : questions) {
      prompts.add(model.prompt(question.id(), model.asked(question), most));
    }
    try (Forward graph = new Forward(model.parameters().engine())) {
      Pass pass = new Pass(graph, model.parameters(), BlockExecution.PLAIN);
      Value images = model.images(pass, questions);
      try (var own = model.answers().sequences(pass, images, prompts, most);
          var graphs = graphs(questions, prompts)) {
        comparison.of(own, graphs);
      }
    }
  }

  private static TensorData given(Map<String, TensorData> outputs, String name) {
    return Objects.requireNonNull(outputs.get(name), name);
  }

  private GraphSequences graphs(List<Question> questions, List<int[]> prompts) throws IOException {
    TensorData seen = given(sessions.get(IMAGES).run(inputs(questions)), ReaderGraph.FEATURES);
    var engine = model.parameters().engine();
    int queries = model.reader().qformer().spec().queries();
    return switch (model.answers()) {
      case DecoderAnswers behind -> {
        SplicedRows rows = SplicedRows.endingTogether(prompts, queries, behind.filler());
        yield GraphSequences.ofTokens(
            engine,
            behind.decoder(),
            sessions.get(LanguageGraphs.DECODER),
            sessions.get(LanguageGraphs.TABLE),
            spliced(rows, seen),
            mask(rows));
      }
      case T5Answers behind -> {
        SplicedRows rows = SplicedRows.beginningTogether(prompts, queries, behind.filler());
        Map<String, TensorData> read =
            sessions
                .get(LanguageGraphs.ENCODER)
                .run(
                    Map.of(
                        GraphInputs.EMBEDDINGS, spliced(rows, seen),
                        GraphInputs.MASK, mask(rows)));
        yield GraphSequences.ofEncoder(
            engine,
            behind.model().spec(),
            sessions.get(LanguageGraphs.DECODER),
            given(read, T5Graph.STATES),
            mask(rows));
      }
    };
  }

  private Map<String, TensorData> inputs(List<Question> questions) {
    int height = model.transform().height();
    int width = model.transform().width();
    int each = 3 * height * width;
    byte[] planes = new byte[questions.size() * each];
    for (int i = 0; i < questions.size(); i++) {
      model
          .transform()
          .apply(
              questions.get(i).images().getFirst(),
              UNUSED.stream(RandomKey.Purpose.AUGMENTATION, 0, i))
          .writePlanar(planes, i * each);
    }
    Map<String, TensorData> inputs = new HashMap<>();
    int[] all = IntStream.range(0, questions.size()).toArray();
    try (Tensor whole = pixels.chosen(planes, all, height, width)) {
      inputs.put(ImageFeaturesGraph.PIXELS, TensorData.of(whole.toFloats(), whole.shape()));
    }
    Optional<CaptionRows> instructions = model.instructions(questions);
    instructions.ifPresent(
        rows -> {
          int tokens = rows.mask().width();
          inputs.put(ReaderGraph.INSTRUCTION, TensorData.of(rows.ids(), rows.rows(), tokens));
          inputs.put(
              ReaderGraph.INSTRUCTION_MASK,
              TensorData.of(rows.mask().present(), rows.rows(), tokens));
        });
    return inputs;
  }

  /// Tokens of rows with those of the images in their places.
  private TensorData spliced(SplicedRows rows, TensorData seen) throws DataException {
    TensorData ids = TensorData.of(rows.ids(), rows.rows(), rows.width());
    TensorData tokens =
        given(
            sessions.get(LanguageGraphs.TABLE).run(Map.of(GraphInputs.IDS, ids)),
            GraphInputs.EMBEDDINGS);
    float[] all = tokens.floats();
    float[] features = seen.floats();
    int width = model.answers().width();
    int each = rows.queries() * width;
    for (int row = 0; row < rows.rows(); row++) {
      int place = (row * rows.width() + rows.starts()[row]) * width;
      System.arraycopy(features, row * each, all, place, each);
    }
    return TensorData.of(all, tokens.dimensions());
  }

  private static TensorData mask(SplicedRows rows) {
    long[] mask = new long[rows.rows() * rows.width()];
    for (int row = 0; row < rows.rows(); row++) {
      int start = row * rows.width() + rows.starts()[row];
      Arrays.fill(mask, start, start + rows.lengths()[row], 1);
    }
    return TensorData.of(mask, rows.rows(), rows.width());
  }

  @Override
  public void blocks(Question question) throws IOException {
    switch (model.answers()) {
      case DecoderAnswers _ -> model.hiddenStates(question);
      case T5Answers behind -> {
        int[] prompt = model.prompt(question.id(), model.asked(question), 1);
        try (Forward graph = new Forward(model.parameters().engine())) {
          Pass pass = new Pass(graph, model.parameters(), BlockExecution.PLAIN);
          Value images = model.images(pass, List.of(question));
          SplicedRows rows = behind.rows(images, List.of(prompt));
          behind.states(pass, behind.read(pass, images, rows), rows, new long[1], 1);
        }
      }
    }
  }

  @Override
  public ImageAnswerer answerer() {
    return model;
  }

  @Override
  public void close() {
    try (pixels) {
      loaded.run();
    }
  }
}
