package dev.eosin.mining;

import dev.eosin.eval.embeddings.UnitVectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Tiles in the order in which one rule would take them.
///
/// @param rule its name
/// @param target how many it shall take
/// @param planned how many places it gives out: fewer than its target where it rounds down, or has
///   fewer tiles
/// @param picks in order; with more than `planned` of them the rest may stand in
record Ranking(String rule, int target, int planned, List<Pick> picks) {
  Ranking {
    picks = List.copyOf(picks);
  }

  /// @param tile of the slide, from 0
  /// @param score by which it stands here: a cosine or sum of them, or of clusters the distance to
  ///   the centre
  record Pick(int tile, double score) {}

  /// The tiles most like some texts; ties by their place.
  ///
  /// @param tiles [n,e] of length 1
  /// @param texts [m,e] of length 1, at least one
  static Ranking ofPrompts(
      String rule, float[][] tiles, float[][] texts, PromptSettings.Combine combine, int top) {
    Pick[] picks = new Pick[tiles.length];
    for (int tile = 0; tile < tiles.length; tile++) {
      double score = combine == PromptSettings.Combine.SUM ? 0 : Double.NEGATIVE_INFINITY;
      for (float[] text : texts) {
        double cosine = UnitVectors.dot(tiles[tile], text);
        score =
            switch (combine) {
              case MAX -> Math.max(score, cosine);
              case SUM -> score + cosine;
            };
      }
      picks[tile] = new Pick(tile, score);
    }
    Arrays.sort(
        picks, Comparator.comparingDouble(Pick::score).reversed().thenComparingInt(Pick::tile));
    return new Ranking(rule, top, Math.min(top, tiles.length), List.of(picks));
  }

  /// Tiles out of clusters: of each the nearest to its centre first, then of each the next, so that
  /// whoever stands in comes of the clusters by turns.
  static Ranking ofClusters(String rule, KMeans found, ClusterSettings settings) {
    List<List<Pick>> clusters = clusters(found);
    int k = clusters.size();
    int each =
        switch (settings.sharing()) {
          case EQUAL -> Math.max(1, settings.tiles() / k);
          case EVEN -> Integer.MAX_VALUE;
        };
    List<Pick> picks = new ArrayList<>();
    List<Pick> later = new ArrayList<>();
    int longest = clusters.stream().mapToInt(List::size).max().orElse(0);
    for (int turn = 0; turn < longest; turn++) {
      for (List<Pick> cluster : clusters) {
        if (turn < cluster.size()) {
          (turn < each ? picks : later).add(cluster.get(turn));
        }
      }
    }
    int planned = Math.min(settings.tiles(), picks.size());
    picks.addAll(later);
    return new Ranking(rule, settings.tiles(), planned, picks);
  }

  private static List<List<Pick>> clusters(KMeans found) {
    List<List<Pick>> clusters = new ArrayList<>();
    for (int i = 0; i < found.centres().length; i++) {
      clusters.add(new ArrayList<>());
    }
    for (int tile = 0; tile < found.labels().length; tile++) {
      clusters.get(found.labels()[tile]).add(new Pick(tile, Math.sqrt(found.squares()[tile])));
    }
    clusters.forEach(
        cluster ->
            cluster.sort(Comparator.comparingDouble(Pick::score).thenComparingInt(Pick::tile)));
    return clusters;
  }
}
