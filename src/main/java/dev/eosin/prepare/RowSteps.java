package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// The recorded steps of one row. A step that an earlier run recorded is given as it was recorded;
/// any other is done now, and recorded before it is given. Used by one thread.
public final class RowSteps {
  private final Ledger ledger;
  private final Budget budget;
  private final RandomKey seed;
  private final int position;
  private final Row row;
  private final Map<String, JsonNode> recorded;
  private final Set<String> taken = new HashSet<>();
  private boolean advanced;

  RowSteps(Ledger ledger, Budget budget, RandomKey seed, int position, Row row)
      throws DataException {
    this.ledger = ledger;
    this.budget = budget;
    this.seed = seed;
    this.position = position;
    this.row = row;
    this.recorded = ledger.steps(position, row.key());
  }

  /// What a service said.
  ///
  /// @param content the whole answer, as far as anything may ever be read from it
  /// @param cost of all calls that it took
  public record Answer(JsonNode content, Cost cost) {}

  /// Something outside that is asked.
  @FunctionalInterface
  public interface Service {
    /// Called on many threads at once. Retries are its own affair.
    ///
    /// @throws RowFailedException when there is no answer
    /// @throws IOException ends the run, as for a key that the service does not know
    Answer ask(JsonNode request) throws RowFailedException, IOException, InterruptedException;
  }

  /// Work on this machine that is worth keeping.
  @FunctionalInterface
  public interface Computation {
    JsonNode compute() throws RowFailedException, IOException, InterruptedException;
  }

  /// Asks a service. The answer is durable, with its request, before this returns.
  ///
  /// @param step its name, each once a row
  /// @param request the whole request as far as the answer depends on it; no credentials
  /// @param most the most that the answer can cost, for budgets that must never be exceeded; where
  ///   tokens or money are 0 and cost something all the same, a budget of them may be exceeded by
  ///   what is asked at the same time
  /// @throws DataException when the run that recorded the answer asked something else
  public JsonNode ask(String step, JsonNode request, Cost most, Service service)
      throws RowFailedException, IOException, InterruptedException {
    JsonNode asked = Json.asRead(request);
    JsonNode before = recorded(step);
    if (!before.isMissingNode()) {
      requireSame(step, before.path("request"), asked);
      return before.path("answer");
    }
    Cost reserved = most.atLeastOneCall();
    budget.reserve(reserved);
    Cost cost = Cost.NONE;
    try {
      Answer answer = service.ask(asked.deepCopy());
      cost = answer.cost().atLeastOneCall();
      advanced = true;
      return ledger.answered(position, row.key(), step, asked, answer.content(), cost);
    } finally {
      budget.settle(reserved, cost);
    }
  }

  /// Computes something and keeps it. What is quickly computed again needs no step.
  ///
  /// @param step its name, each once a row
  public JsonNode compute(String step, Computation computation)
      throws RowFailedException, IOException, InterruptedException {
    JsonNode before = recorded(step);
    if (!before.isMissingNode()) {
      return before.path("result");
    }
    budget.requireTime();
    JsonNode result = computation.compute();
    advanced = true;
    return ledger.computed(position, row.key(), step, result);
  }

  /// The folder of the results, where what is large is kept in folders of its own.
  public Path folder() {
    return ledger.folder();
  }

  /// Random numbers that depend on the run's seed, the row's key and the purpose alone.
  ///
  /// @param purpose what they are for, such as `template`; the same text gives the same numbers
  public RandomStream random(String purpose) {
    return seed.stream(RandomKey.Purpose.PREPARATION, Row.hash(purpose), row.hash());
  }

  /// Whether a step was done now, not only given.
  boolean hasAdvanced() {
    return advanced;
  }

  private JsonNode recorded(String step) {
    if (!taken.add(step)) {
      throw new IllegalStateException(
          "%s: the step %s is taken twice; give each its own name"
              .formatted(row.place(), Quote.of(step)));
    }
    JsonNode before = recorded.get(step);
    return before == null ? MissingNode.getInstance() : before;
  }

  private static void requireSame(String step, JsonNode before, JsonNode now) throws DataException {
    if (!before.equals(now)) {
      throw new DataException(
          "the step %s asked %s when it was recorded and asks %s now, from the same row and settings; go on with the version of Eosin that began, or choose another output folder"
              .formatted(
                  Quote.of(step), Quote.line(before.toString()), Quote.line(now.toString())));
    }
  }
}
