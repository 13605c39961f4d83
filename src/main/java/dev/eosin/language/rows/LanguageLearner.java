package dev.eosin.language.rows;

import dev.eosin.data.batches.Batch;
import dev.eosin.language.Decoder;
import dev.eosin.nn.AdapterDropout;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.Learner;
import dev.eosin.train.LossRange;
import dev.eosin.train.StepLosses;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/// A decoder that learns to continue text: the mean cross entropy of all tokens that are asked for,
/// each of which counts the same whichever row it stands in.
///
/// @param decoder that is trained, with its adapters
/// @param parameters its weights, closed with the learner
/// @param compute the type of the weights that are trained
/// @param execution how its blocks are computed
/// @param key of the run: what adapters' dropout draws from
/// @param plan which rows go through it together
public record LanguageLearner(
    Decoder decoder,
    ParameterSet parameters,
    DType compute,
    BlockExecution execution,
    RandomKey key,
    RowPlan plan)
    implements Learner {
  /// The name of the sequence that is learned.
  public static final String TEXT = "text";

  @Override
  public double weight(Batch batch) {
    return asked(batch, 0, batch.size());
  }

  /// Of the first token of a row nothing precedes, so that nothing asks for it.
  private static long asked(Batch batch, int from, int to) {
    return TokenRows.of(batch.tokens(TEXT), from, to).asked();
  }

  @Override
  public void differentiate(
      Batch batch, double weight, double scale, StepLosses losses, GradientSink sink) {
    inParts().differentiate(batch, weight, scale, losses, sink);
  }

  private RowParts inParts() {
    return new RowParts(parameters.engine(), plan, TEXT, this::loss);
  }

  @Override
  public double measure(Batch batch) {
    return sum(batch) / Math.max(1, weight(batch));
  }

  /// The summed cross entropy of a batch.
  public double sum(Batch batch) {
    return inParts().sum(batch);
  }

  /// Empty where no token of these rows is asked for.
  ///
  /// @param scope keeps the inputs as long as a backward pass may read them
  private Optional<Value> loss(
      Graph graph, Scope scope, Batch batch, int from, int to, double weight, boolean training) {
    TokenRows rows = plan.rows(batch.tokens(TEXT), from, to);
    if (rows.asked() == 0) {
      return Optional.empty();
    }
    Pass pass = pass(graph, batch, from, to, training);
    Engine engine = parameters.engine();
    Value tokens = decoder.embed(pass, scope.own(rows.ids(engine)));
    Value states = decoder.through(pass, tokens, rows.columns());
    Value picked = decoder.rows(pass, states, scope.own(rows.places(engine)));
    pass.release(states);
    Tensor targets = scope.own(rows.targets(engine));
    return Optional.of(decoder.loss(pass, decoder.normed(pass, picked), targets, weight));
  }

  private Pass pass(Graph graph, Batch batch, int from, int to, boolean training) {
    Optional<AdapterDropout> dropout =
        training ? Optional.of(RowParts.dropout(key, batch, from, to)) : Optional.empty();
    return new Pass(graph, parameters, execution.dropping(dropout));
  }

  /// Between a model that knows the rows by heart and one that guesses among all ids; rows that are
  /// alike in what precedes a token and differ in it can keep it above.
  @Override
  public LossRange range(Batch batch) {
    return new LossRange(0, Math.log(decoder.spec().vocabulary()), 0);
  }

  @Override
  public void updated(long update) {}

  @Override
  public Map<String, DoubleSupplier> figures(ScalarReads reads) {
    return Map.of();
  }

  @Override
  public void close() {
    parameters.close();
  }
}
