package dev.eosin.qformer;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.Tokens;
import dev.eosin.features.TowerFeatures;
import dev.eosin.language.TokenMask;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.language.rows.RowParts;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Dropout;
import dev.eosin.nn.Pass;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.Learner;
import dev.eosin.train.LossRange;
import dev.eosin.train.StepLosses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/// A Q-Former that learns to show images to a frozen language model: the mean cross entropy of the
/// tokens of all answers, each of which counts the same whichever row of the update it stands in.
///
/// @param reader that is trained
/// @param answers the frozen language model
/// @param features of the frozen tower, closed with the learner
/// @param parameters of the reader and the language model, closed with the learner
/// @param compute the type of the weights that are trained
/// @param execution how layers and blocks are computed
/// @param key of the run: what dropout draws from
/// @param atOnce rows that go through the models together
public record InstructLearner(
    ImageReader reader,
    Answers answers,
    TowerFeatures features,
    ParameterSet parameters,
    DType compute,
    BlockExecution execution,
    RandomKey key,
    int atOnce)
    implements Learner {
  @Override
  public double weight(Batch batch) {
    return batch.tokens(InstructRows.ANSWER).supervised(0, batch.size());
  }

  @Override
  public void differentiate(
      Batch batch, double weight, double scale, StepLosses losses, GradientSink sink) {
    try (Tensor states = features.states(batch)) {
      inParts(states).differentiate(batch, weight, scale, losses, sink);
    }
  }

  private RowParts inParts(Tensor states) {
    return new RowParts(
        parameters.engine(),
        atOnce,
        (graph, _, batch, from, to, weight, training) ->
            Optional.of(loss(graph, states, batch, from, to, weight, training)));
  }

  @Override
  public double measure(Batch batch) {
    return sum(batch) / Math.max(1, weight(batch));
  }

  /// The summed cross entropy of a batch, without dropout.
  public double sum(Batch batch) {
    try (Tensor states = features.states(batch)) {
      return inParts(states).sum(batch);
    }
  }

  /// @param all the tower's tokens of the whole batch [b,m,e]
  private Value loss(
      Graph graph, Tensor all, Batch batch, int from, int to, double weight, boolean training) {
    Pass pass = new Pass(graph, parameters, execution);
    Value states = graph.adopt(pass.engine().kernels().one("row_range", all, from, to));
    Value images =
        reader.tokens(
            pass, states, instructions(batch, from, to), seeds(pass, batch, from, to, training));
    pass.release(states);
    Value loss =
        answers.loss(
            pass,
            images,
            rows(batch.tokens(InstructRows.PROMPT), from, to),
            rows(batch.tokens(InstructRows.ANSWER), from, to),
            weight);
    pass.release(images);
    return loss;
  }

  private Optional<CaptionRows> instructions(Batch batch, int from, int to) {
    return reader.instructed()
        ? Optional.of(captions(rows(batch.tokens(InstructRows.INSTRUCTION), from, to)))
        : Optional.empty();
  }

  /// Texts of different lengths, each from the first column on.
  static CaptionRows captions(List<int[]> texts) {
    int[] lengths = texts.stream().mapToInt(text -> text.length).toArray();
    int width = Arrays.stream(lengths).max().orElseThrow();
    long[] ids = new long[lengths.length * width];
    for (int row = 0; row < lengths.length; row++) {
      for (int i = 0; i < lengths[row]; i++) {
        ids[row * width + i] = texts.get(row)[i];
      }
    }
    return new CaptionRows(ids, TokenMask.of(width, lengths));
  }

  private Optional<Tensor> seeds(Pass pass, Batch batch, int from, int to, boolean training) {
    if (!training || reader.qformer().spec().dropout().equals(Dropout.NONE)) {
      return Optional.empty();
    }
    long[] positions =
        batch.rows().subList(from, to).stream().mapToLong(Batch.Row::position).toArray();
    return AlignmentSeeds.of(key, reader.qformer(), positions)
        .of(pass, AlignmentSeeds.Through.BOTH);
  }

  private static List<int[]> rows(Tokens tokens, int from, int to) {
    List<int[]> rows = new ArrayList<>();
    for (int row = from; row < to; row++) {
      int begin = row * tokens.width();
      rows.add(Arrays.copyOfRange(tokens.ids(), begin, begin + tokens.lengths()[row]));
    }
    return rows;
  }

  /// Between a model that knows the answers by heart and one that guesses among all ids; rows of
  /// one image and prompt with different answers can keep it above.
  @Override
  public LossRange range(Batch batch) {
    return new LossRange(0, Math.log(answers.vocabulary()), 0);
  }

  @Override
  public void updated(long update) {}

  @Override
  public Map<String, DoubleSupplier> figures(ScalarReads reads) {
    return Map.of();
  }

  @Override
  public void close() {
    features.close();
    parameters.close();
  }
}
