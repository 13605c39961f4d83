package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.prepare.RowSteps.Answer;
import dev.eosin.prepare.RowSteps.Service;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/// Stands before a service: counts what it is asked, lets later questions be answered before
/// earlier ones, and may fail the first attempt at each.
final class CountedService implements UnaryOperator<Service> {
  private final int slowestMillis;
  private final Set<String> toFail = new HashSet<>();
  private final boolean failing;
  private final List<String> answered = new ArrayList<>();

  private CountedService(int slowestMillis, boolean failing) {
    this.slowestMillis = slowestMillis;
    this.failing = failing;
  }

  static CountedService prompt() {
    return new CountedService(0, false);
  }

  /// Each answer takes 0 to `slowestMillis`, a function of the question.
  static CountedService outOfOrder(int slowestMillis) {
    return new CountedService(slowestMillis, false);
  }

  /// The first time that something is asked, there is no answer.
  static CountedService failingFirst() {
    return new CountedService(0, true);
  }

  @Override
  public Service apply(Service service) {
    return request -> ask(service, request);
  }

  private Answer ask(Service service, JsonNode request)
      throws RowFailedException, java.io.IOException, InterruptedException {
    String text = request.toString();
    Thread.sleep(Math.floorMod(Row.hash(text), slowestMillis + 1));
    synchronized (this) {
      if (failing && toFail.add(text)) {
        throw new RowFailedException("no answer to " + text);
      }
    }
    Answer answer = service.ask(request);
    synchronized (this) {
      answered.add(text);
    }
    return answer;
  }

  /// What was answered, sorted, as often as it was.
  synchronized List<String> answered() {
    return answered.stream().sorted().toList();
  }

  synchronized int calls() {
    return answered.size();
  }
}
