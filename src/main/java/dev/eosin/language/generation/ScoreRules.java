package dev.eosin.language.generation;

import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.List;

/// The rules of the settings on a step's scores, and the choice after them, computed where the
/// scores are: a few numbers per row come back.
final class ScoreRules implements AutoCloseable {
  private final Engine engine;
  private final GenerationSettings settings;
  private final Tensor ends;
  private final Tensor noIds;

  ScoreRules(Engine engine, GenerationSettings settings, EndTokens ends) {
    this.engine = engine;
    this.settings = settings;
    this.ends = engine.of(ends.ids().stream().mapToLong(Integer::longValue).toArray(), count(ends));
    this.noIds = engine.of(new long[0], 1, 0);
  }

  private static long count(EndTokens ends) {
    return ends.ids().size();
  }

  /// The best token of each row: r scores, then r ids.
  ///
  /// @param step new tokens so far
  float[] greedy(Tensor scores, List<IdHistory> rows, int step) {
    Tensor ids = ids(rows);
    try (Tensor chosen =
        engine
            .kernels()
            .one(
                "greedy_tokens",
                scores,
                ids,
                ends,
                settings.repetitionPenalty(),
                settings.noRepeatNgram(),
                held(step))) {
      return chosen.toFloats();
    } finally {
      release(ids);
    }
  }

  /// A drawn token of each row: r kept probabilities, then r ids.
  ///
  /// @param drawn 53 random bits for each row
  float[] sampled(
      Tensor scores, List<IdHistory> rows, int step, long[] drawn, Search.Sampling sampling) {
    Tensor ids = ids(rows);
    try (Tensor draws = engine.of(drawn, drawn.length);
        Tensor chosen =
            engine
                .kernels()
                .one(
                    "sampled_tokens",
                    scores,
                    ids,
                    ends,
                    draws,
                    settings.repetitionPenalty(),
                    settings.noRepeatNgram(),
                    held(step),
                    sampling.temperature(),
                    sampling.topK(),
                    sampling.topP())) {
      return chosen.toFloats();
    } finally {
      release(ids);
    }
  }

  /// The best continuations of each group of beams, best first: their sums of log-probabilities,
  /// then their beams inside the group, then their ids.
  ///
  /// @param sums of the beams, group by group
  /// @param count of continuations; fewer come where there are no more
  float[] candidates(
      Tensor scores, List<IdHistory> rows, int step, float[] sums, int groups, int count) {
    Tensor ids = ids(rows);
    try (Tensor beams = engine.of(sums, groups, sums.length / groups);
        Tensor best =
            engine
                .kernels()
                .one(
                    "beam_candidates",
                    scores,
                    ids,
                    ends,
                    beams,
                    settings.repetitionPenalty(),
                    settings.noRepeatNgram(),
                    held(step),
                    count)) {
      return best.toFloats();
    } finally {
      release(ids);
    }
  }

  private boolean held(int step) {
    return step < settings.minNewTokens();
  }

  /// int64 [r, t]; nothing where no rule looks back, so that nothing is copied.
  private Tensor ids(List<IdHistory> rows) {
    int width = rows.stream().mapToInt(IdHistory::size).max().orElse(0);
    if (!settings.looksBack() || width == 0) {
      return noIds;
    }
    long[] ids = new long[rows.size() * width];
    for (int row = 0; row < rows.size(); row++) {
      rows.get(row).writeInto(ids, row * width, width);
    }
    return engine.of(ids, rows.size(), width);
  }

  private void release(Tensor ids) {
    if (ids != noIds) {
      ids.close();
    }
  }

  @Override
  public void close() {
    ends.close();
    noIds.close();
  }
}
