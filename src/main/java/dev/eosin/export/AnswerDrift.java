package dev.eosin.export;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.file.AtomicFile;
import dev.eosin.language.GraphAnswers;
import dev.eosin.language.generation.GrowingSequences;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.runtime.GraphSessions;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Says which block makes the graphs of a model that answers differ from it.
///
/// Narrow graphs are compared with those in fp32, block by block on the same inputs; graphs in fp32
/// with what the model's own decoder gives for the last token of a question.
///
/// @param folder in which graphs with their marks are written, and which is not kept
/// @param weights under Eosin's names, adapters merged
/// @param settings of the graphs that failed
record AnswerDrift(
    BundleFolder folder,
    ExportedFamily family,
    StoredTensors weights,
    ClipBundle.Settings settings,
    Engine engine,
    AskedQuestions asked) {
  private static final int ROWS = 4;
  private static final int TOKENS = 2;

  /// The block that adds most of the error. A comparison that cannot be made says why: what failed
  /// before it is more than that.
  String text() {
    try {
      List<BlockDrift.Block> blocks =
          settings.precision() == GraphPrecision.FP32 ? ofModel() : ofWideGraphs();
      return new BlockDrift(blocks)
          .worst()
          .map(BlockDrift::text)
          .orElse("no block could be compared");
    } catch (IOException e) {
      return "its blocks could not be compared: " + AtomicFile.reason(e);
    }
  }

  private List<Question> questions() throws IOException {
    List<Question> some = new ArrayList<>();
    for (AskedQuestions.Asked each : asked.questions()) {
      if (some.size() < ROWS) {
        some.add(each.read());
      }
    }
    return some;
  }

  private GraphDrift graphs() {
    return new GraphDrift(
        folder, settings, precision -> family.graphs(weights, settings.opset(), precision));
  }

  private List<BlockDrift.Block> ofWideGraphs() throws IOException {
    return graphs()
        .blocks(
            sessions -> {
              try (GraphAnswers both = family.opened(engine, sessions)) {
                both.compare(questions(), TOKENS, AnswerDrift::grow);
              }
            });
  }

  private static void grow(GrowingSequences model, GrowingSequences graphs) {
    float[] scores = model.scores().toFloats();
    int width = model.vocabulary();
    int[] next = new int[model.rows()];
    for (int row = 0; row < next.length; row++) {
      for (int i = 1; i < width; i++) {
        next[row] = scores[row * width + i] > scores[row * width + next[row]] ? i : next[row];
      }
    }
    graphs.append(next);
  }

  private List<BlockDrift.Block> ofModel() throws IOException {
    Map<String, OnnxModel> graphs = graphs().marked(GraphPrecision.FP32);
    BlockSums sums = new BlockSums();
    Map<String, TensorData> last = new LinkedHashMap<>();
    try (GraphSessions own = graphs().open("wide", graphs);
        GraphAnswers both =
            family.opened(
                engine,
                own.observed(
                    (name, inputs, found) -> {
                      last.clear();
                      Objects.requireNonNull(graphs.get(name))
                          .marks()
                          .forEach(
                              (mark, value) ->
                                  last.put(mark, Objects.requireNonNull(found.get(value))));
                    }))) {
      for (Question question : questions()) {
        Optional<float[][]> states = both.answerer().hiddenStates(question);
        if (states.isEmpty()) {
          return List.of();
        }
        both.compare(List.of(question), 1, (model, unused) -> {});
        add(sums, last, states.get());
      }
    }
    return sums.drift().blocks();
  }

  /// The model's last state is behind the last norm, the last block's is not.
  private static void add(BlockSums sums, Map<String, TensorData> marks, float[][] states) {
    int layer = 0;
    for (Map.Entry<String, TensorData> mark : marks.entrySet()) {
      if (layer < states.length - 1) {
        TensorData all = mark.getValue();
        int width = states[layer].length;
        float[] row = new float[width];
        for (int i = 0; i < width; i++) {
          row[i] = (float) all.floatingAt(all.elements() - width + i);
        }
        sums.add(
            mark.getKey(),
            TensorData.of(row, 1, 1, width),
            TensorData.of(states[layer], 1, 1, width),
            (at, token, tokens) -> true);
      }
      layer++;
    }
  }
}
