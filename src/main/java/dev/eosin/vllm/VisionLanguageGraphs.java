package dev.eosin.vllm;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.features.ImageFeaturesGraph;
import dev.eosin.image.RgbImage;
import dev.eosin.language.graphs.GraphAnswers;
import dev.eosin.language.graphs.GraphInputs;
import dev.eosin.language.graphs.GraphSequences;
import dev.eosin.language.graphs.LanguageGraphs;
import dev.eosin.language.rows.TokenRows;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSessions;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The graphs of a model in LLaVA's manner, beside the model.
///
/// @param loaded the model; closed with this
/// @param sessions by the names of [#of]; whoever opened them closes them
public record VisionLanguageGraphs(StoredVisionLanguage.Loaded loaded, GraphSessions sessions)
    implements GraphAnswers {
  /// What the graph that sees is called.
  public static final String IMAGES = "vision_encoder";

  /// The three graphs by name.
  ///
  /// @param weights under Eosin's names, adapters merged; open until the graphs are written
  /// @throws DataException when a weight is missing
  public static Map<String, OnnxModel> of(
      VisionLanguage model, StoredTensors weights, Opset opset, GraphPrecision precision)
      throws DataException {
    var graphs = new VisionLanguageGraph(model, weights, opset, precision);
    Map<String, OnnxModel> named = new LinkedHashMap<>();
    named.put(IMAGES, graphs.visionEncoder());
    named.put(LanguageGraphs.TABLE, graphs.embedTokens());
    named.put(LanguageGraphs.DECODER, graphs.merged());
    return named;
  }

  @Override
  public void compare(List<Question> questions, int most, Comparison comparison)
      throws IOException {
    VisionLanguageAnswerer answerer = loaded.answerer();
    List<int[]> asked = new ArrayList<>();
    List<RgbImage> images = new ArrayList<>();
    for (Question question : questions) {
      asked.add(answerer.prompt(question, most));
      images.addAll(question.images());
    }
    try (Scope scope = new Scope();
        Forward graph = new Forward(answerer.parameters().engine())) {
      Optional<Pictures> pictures = answerer.pictures(scope, images);
      try (var model =
              answerer
                  .model()
                  .continued(
                      answerer.pass(graph), asked, answerer.rows().slots().id(), pictures, most);
          var graphs = graphs(answerer, asked, pictures)) {
        comparison.of(model, graphs);
      }
    }
  }

  private GraphSequences graphs(
      VisionLanguageAnswerer answerer, List<int[]> asked, Optional<Pictures> pictures)
      throws DataException {
    int rows = asked.size();
    int width = asked.stream().mapToInt(ids -> ids.length).max().orElseThrow();
    long[] ids = new long[rows * width];
    long[] mask = new long[ids.length];
    for (int row = 0; row < rows; row++) {
      int[] prompt = asked.get(row);
      int first = (row + 1) * width - prompt.length;
      for (int i = 0; i < prompt.length; i++) {
        ids[first + i] = prompt[i];
      }
      Arrays.fill(mask, first, first + prompt.length, 1);
    }
    int count = pictures.map(some -> Math.toIntExact(some.whole().size(0))).orElse(0);
    SeenRows seen =
        SeenRows.of(
            new TokenRows(rows, width, ids, new long[0], new long[0]),
            answerer.rows().slots().id(),
            count,
            answerer.model().tokensOfImage());
    TensorData words =
        given(
            sessions
                .get(LanguageGraphs.TABLE)
                .run(Map.of(GraphInputs.IDS, TensorData.of(seen.rows().ids(), rows, width))),
            GraphInputs.EMBEDDINGS);
    float[] tokens = words.floats();
    if (pictures.isPresent()) {
      float[] features =
          given(sessions.get(IMAGES).run(inputs(pictures.get())), VisionLanguageGraph.FEATURES)
              .floats();
      int each = answerer.model().projector().width();
      for (int i = 0; i < seen.places().length; i++) {
        int to = Math.toIntExact(seen.places()[i] * each);
        System.arraycopy(features, i * each, tokens, to, each);
      }
    }
    return GraphSequences.ofTokens(
        answerer.parameters().engine(),
        answerer.model().decoder(),
        sessions.get(LanguageGraphs.DECODER),
        sessions.get(LanguageGraphs.TABLE),
        TensorData.of(tokens, words.dimensions()),
        TensorData.of(mask, rows, width));
  }

  private static TensorData given(Map<String, TensorData> outputs, String name) {
    return Objects.requireNonNull(outputs.get(name), name);
  }

  private static Map<String, TensorData> inputs(Pictures pictures) {
    Map<String, TensorData> inputs = new HashMap<>();
    inputs.put(ImageFeaturesGraph.PIXELS, data(pictures.whole()));
    if (pictures instanceof Pictures.Tiled tiled) {
      int most = Arrays.stream(tiled.counts()).max().orElseThrow();
      long[] shape = tiled.tiles().shape();
      int each = Math.toIntExact(shape[1] * shape[2] * shape[3]);
      float[] all = tiled.tiles().toFloats();
      float[] padded = new float[tiled.counts().length * most * each];
      int next = 0;
      for (int image = 0; image < tiled.counts().length; image++) {
        int size = tiled.counts()[image] * each;
        System.arraycopy(all, next, padded, image * most * each, size);
        next += size;
      }
      inputs.put(
          VisionLanguageGraph.TILES,
          TensorData.of(padded, tiled.counts().length, most, shape[1], shape[2], shape[3]));
      inputs.put(
          VisionLanguageGraph.COUNTS,
          TensorData.of(
              Arrays.stream(tiled.counts()).asLongStream().toArray(), tiled.counts().length));
    }
    return inputs;
  }

  private static TensorData data(Tensor tensor) {
    return TensorData.of(tensor.toFloats(), tensor.shape());
  }

  @Override
  public void blocks(Question question) throws IOException {
    answerer().hiddenStates(question);
  }

  @Override
  public VisionLanguageAnswerer answerer() {
    return loaded.answerer();
  }

  @Override
  public void close() {
    loaded.close();
  }
}
