package dev.eosin.mining;

import dev.eosin.eval.embeddings.UnitVectors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Takes tiles by several rules, one after the other: a tile that an earlier rule took is not taken
/// again, one that is too similar to a taken one not at all.
final class TileMiner {
  /// What the rule of clusters is called.
  static final String CLUSTERS = "clusters";

  private final float[][] vectors;
  private final Optional<Double> similarity;
  private final boolean refill;
  private final Map<Integer, Taken> taken = new HashMap<>();
  private final List<Taken> order = new ArrayList<>();
  private final List<Similar> similar = new ArrayList<>();
  private final List<Count> counts = new ArrayList<>();

  /// @param vectors [n,e] of length 1
  private TileMiner(float[][] vectors, Optional<Double> similarity, boolean refill) {
    this.vectors = vectors;
    this.similarity = similarity;
    this.refill = refill;
  }

  /// A tile that was taken.
  ///
  /// @param tile of those that were looked at, from 0
  /// @param by the rules that chose it, in their order
  record Taken(int tile, List<Choice> by) {}

  /// @param rank among the rule's own, from 1
  record Choice(String rule, int rank, double score) {}

  /// A tile that a rule chose and that is left out.
  ///
  /// @param to the tile that was taken before it
  record Similar(int tile, String rule, int to, double cosine) {}

  /// What became of a rule's choices. Without refilling `target` = `kept` + `twice` + `similar` +
  /// `tooFew`; with it `target` = `kept` + `tooFew`, and the others were passed over.
  ///
  /// @param target how many it should take
  /// @param twice how many an earlier rule had taken
  /// @param similar how many were too similar to a taken one
  /// @param tooFew how many it had no tile for, or no place since it rounds down
  record Count(String rule, int target, int kept, int twice, int similar, int tooFew) {}

  /// What was taken.
  ///
  /// @param taken in the order in which it was taken
  record Mined(List<Taken> taken, List<Similar> similar, List<Count> counts) {
    Mined {
      taken = List.copyOf(taken);
      similar = List.copyOf(similar);
      counts = List.copyOf(counts);
    }
  }

  /// @param vectors [n,e] of length 1
  /// @param similarity the largest cosine between two that are taken
  /// @param refill whether later picks stand in for those that are passed over
  static Mined mine(
      float[][] vectors, List<Ranking> rankings, Optional<Double> similarity, boolean refill) {
    var miner = new TileMiner(vectors, similarity, refill);
    rankings.forEach(miner::take);
    return new Mined(miner.order, miner.similar, miner.counts);
  }

  private void take(Ranking ranking) {
    int kept = 0;
    int twice = 0;
    int alike = 0;
    int most = refill ? ranking.picks().size() : ranking.planned();
    for (int i = 0; i < most && kept < ranking.target(); i++) {
      Ranking.Pick pick = ranking.picks().get(i);
      Choice choice = new Choice(ranking.rule(), i + 1, pick.score());
      Taken before = taken.get(pick.tile());
      if (before != null) {
        before.by().add(choice);
        twice++;
        continue;
      }
      Optional<Similar> found = tooSimilar(pick.tile(), ranking.rule());
      if (found.isPresent()) {
        similar.add(found.get());
        alike++;
        continue;
      }
      Taken now = new Taken(pick.tile(), new ArrayList<>(List.of(choice)));
      taken.put(pick.tile(), now);
      order.add(now);
      kept++;
    }
    int tooFew = ranking.target() - (refill ? kept : ranking.planned());
    counts.add(new Count(ranking.rule(), ranking.target(), kept, twice, alike, tooFew));
  }

  /// The first of those that were taken which a tile is too similar to.
  private Optional<Similar> tooSimilar(int tile, String rule) {
    if (similarity.isEmpty()) {
      return Optional.empty();
    }
    for (Taken other : order) {
      double cosine = UnitVectors.dot(vectors[tile], vectors[other.tile()]);
      if (cosine > similarity.get()) {
        return Optional.of(new Similar(tile, rule, other.tile(), cosine));
      }
    }
    return Optional.empty();
  }
}
