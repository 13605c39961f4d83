package dev.eosin.language.generation;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// The best finished sequences of a prompt, as many as there are beams at most, the best first.
final class Hypotheses {
  private record Hypothesis(IdHistory ids, EndReason reason, float score) {}

  private final int most;
  private final List<Hypothesis> best = new ArrayList<>();

  Hypotheses(int most) {
    this.most = most;
  }

  /// Among equal ones the first stays before the others.
  void add(IdHistory ids, EndReason reason, float score) {
    int place = best.size();
    while (place > 0 && best.get(place - 1).score < score) {
      place--;
    }
    best.add(place, new Hypothesis(ids, reason, score));
    if (best.size() > most) {
      best.removeLast();
    }
  }

  boolean isFull() {
    return best.size() == most;
  }

  boolean isEmpty() {
    return best.isEmpty();
  }

  float worst() {
    return best.getLast().score;
  }

  List<GeneratedSequence> results(int prompt, int wanted) {
    return best.stream()
        .limit(wanted)
        .map(
            each ->
                new GeneratedSequence(
                    prompt, each.ids.newIdList(), each.reason, OptionalDouble.of(each.score)))
        .toList();
  }
}
