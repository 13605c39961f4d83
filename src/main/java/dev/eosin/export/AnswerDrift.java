package dev.eosin.export;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.file.AtomicFile;
import dev.eosin.language.generation.GrowingSequences;
import dev.eosin.language.graphs.GraphAnswers;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.runtime.GraphSessions;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Says which block makes the graphs of a model that answers differ from it.
///
/// Narrow graphs are compared with those in fp32, block by block on the same inputs; graphs in fp32
/// with what the model's own blocks give.
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
    return graphs().ofModel(engine, true, new Asking(family, questions()));
  }

  /// Asks a model and its graphs the same, one question at a time.
  record Asking(ExportedFamily family, List<Question> questions) implements GraphDrift.Samples {
    Asking {
      questions = List.copyOf(questions);
    }

    @Override
    public void each(Engine heard, GraphSessions sessions, Runnable compared) throws IOException {
      try (GraphAnswers both = family.opened(heard, sessions)) {
        for (Question question : questions) {
          both.compare(List.of(question), 1, (model, unused) -> {});
          both.blocks(question);
          compared.run();
        }
      }
    }
  }
}
