package dev.eosin.language.rows;

import dev.eosin.data.batches.Batch;
import dev.eosin.nn.AdapterDropout;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Value;
import dev.eosin.train.StepLosses;
import java.util.Optional;

/// A loss that is a sum over the rows of a batch, of which a few go through the model together:
/// losses and gradients of the parts add up to those of the whole.
///
/// @param engine that computes
/// @param parts which rows go through the model together
/// @param rows the loss of some rows
public record RowParts(Engine engine, Parts parts, RowLoss rows) {
  /// Where a part of a batch ends that begins with a row.
  @FunctionalInterface
  public interface Parts {
    /// @return behind the part's last row
    int end(Batch batch, int from);
  }

  /// @param atOnce rows that go through the model together
  public RowParts(Engine engine, int atOnce, RowLoss rows) {
    this(engine, (batch, from) -> Math.min(batch.size(), from + atOnce), rows);
  }

  /// @param sequence whose lengths say what goes through together
  public RowParts(Engine engine, RowPlan plan, String sequence, RowLoss rows) {
    this(engine, (batch, from) -> plan.end(batch.tokens(sequence), from, batch.size()), rows);
  }

  /// The loss of rows `from` to `to`, divided by `weight`.
  @FunctionalInterface
  public interface RowLoss {
    /// @param scope keeps the inputs as long as a backward pass may read them
    /// @param training whether what only helps training counts, such as dropout
    /// @return empty where nothing of these rows is asked for
    Optional<Value> of(
        Graph graph, Scope scope, Batch batch, int from, int to, double weight, boolean training);
  }

  /// As [dev.eosin.train.Learner#differentiate].
  public void differentiate(
      Batch batch, double weight, double scale, StepLosses losses, GradientSink sink) {
    boolean whole = parts.end(batch, 0) >= batch.size();
    int to;
    for (int from = 0; from < batch.size(); from = to) {
      to = parts.end(batch, from);
      try (Scope scope = new Scope();
          Tape tape = new Tape(engine)) {
        Optional<Value> loss = rows.of(tape, scope, batch, from, to, weight, true);
        loss.ifPresent(part -> losses.add(part.data()));
        if (whole) {
          losses.known();
        }
        loss.ifPresent(part -> tape.backward(part, scale, sink));
      }
    }
    if (!whole) {
      losses.known();
    }
  }

  /// The loss of a batch, not divided, without what only helps training.
  public double sum(Batch batch) {
    double total = 0;
    int to;
    for (int from = 0; from < batch.size(); from = to) {
      to = parts.end(batch, from);
      try (Scope scope = new Scope();
          Forward graph = new Forward(engine)) {
        total +=
            rows.of(graph, scope, batch, from, to, 1, false)
                .map(value -> (double) value.data().toFloat())
                .orElse(0.0);
      }
    }
    return total;
  }

  /// Dropout of what enters adapters, for a training step of some rows of a batch.
  public static AdapterDropout dropout(RandomKey key, Batch batch, int from, int to) {
    return new AdapterDropout(
        key, batch.rows().subList(from, to).stream().mapToLong(Batch.Row::position).toArray());
  }
}
