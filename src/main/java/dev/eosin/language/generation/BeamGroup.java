package dev.eosin.language.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The beams of one prompt. Sums are fp32, as in transformers.
final class BeamGroup {
  private final Generator generator;
  private final Search.Beams search;
  private final int prompt;
  private final Hypotheses hypotheses;
  private List<IdHistory> beams;
  private float[] sums;
  private int[] from;
  private int[] tokens;
  private boolean ended;

  BeamGroup(Generator generator, Search.Beams search, int place, Prompt prompt) {
    this.generator = generator;
    this.search = search;
    this.prompt = place;
    this.hypotheses = new Hypotheses(search.beams());
    this.beams = List.of(IdHistory.of(prompt));
    this.sums = new float[1];
    this.from = new int[0];
    this.tokens = new int[0];
  }

  /// Goes on with the best continuations.
  ///
  /// @param best of the group alone, from the best on: where `sums` begin in `candidates`, the
  ///   beams `stride` and the ids two times `stride` behind
  /// @param newTokens with the one that is chosen here
  void advance(float[] candidates, int best, int count, int stride, int newTokens) {
    var next = new ArrayList<IdHistory>();
    float[] nextSums = new float[search.beams()];
    Arrays.fill(nextSums, Float.NEGATIVE_INFINITY);
    from = new int[search.beams()];
    tokens = new int[search.beams()];
    Arrays.fill(tokens, generator.ends().padding());
    for (int rank = 0; rank < count && next.size() < search.beams(); rank++) {
      float sum = candidates[best + rank];
      if (Float.isNaN(sum)) {
        throw nothingFollows(newTokens);
      }
      if (sum == Float.NEGATIVE_INFINITY) {
        break;
      }
      int beam = (int) candidates[best + rank + stride];
      int token = (int) candidates[best + rank + 2 * stride];
      IdHistory ids = beams.get(beam).with(token);
      Optional<EndReason> reason = EndOfRow.reason(generator, ids, token, newTokens);
      if (reason.isEmpty()) {
        nextSums[next.size()] = sum;
        from[next.size()] = beam;
        tokens[next.size()] = token;
        next.add(ids);
      } else if (rank < search.beams()) {
        hypotheses.add(ids, reason.get(), score(sum, newTokens));
      }
    }
    boolean running = !next.isEmpty();
    while (next.size() < search.beams()) {
      next.add(beams.getFirst());
    }
    beams = next;
    sums = nextSums;
    ended = !running || isSettled(newTokens);
    if (!running && hypotheses.isEmpty()) {
      throw nothingFollows(newTokens);
    }
  }

  private boolean isSettled(int newTokens) {
    if (!hypotheses.isFull()) {
      return false;
    }
    return switch (search.earlyStopping()) {
      case FULL -> true;
      case LIKELY -> !(score(sums[0], newTokens) > hypotheses.worst());
      case NEVER -> {
        int length = search.lengthPenalty() > 0 ? generator.settings().maxNewTokens() : newTokens;
        yield !(score(sums[0], length) > hypotheses.worst());
      }
    };
  }

  private float score(float sum, int length) {
    return sum / (float) Math.pow(length, search.lengthPenalty());
  }

  private IllegalStateException nothingFollows(int newTokens) {
    return new IllegalStateException(
        "prompt %d has no token that may follow its %d new ones: the rules leave none, or the model's scores are not numbers"
            .formatted(prompt, newTokens - 1));
  }

  boolean hasEnded() {
    return ended;
  }

  List<IdHistory> beams() {
    return beams;
  }

  float[] sums() {
    return sums;
  }

  /// Which beam each one continues; itself where the search of this prompt has ended.
  int from(int beam) {
    return ended ? beam : from[beam];
  }

  int token(int beam) {
    return ended ? generator.ends().padding() : tokens[beam];
  }

  List<GeneratedSequence> results() {
    return hypotheses.results(prompt, search.sequences());
  }
}
