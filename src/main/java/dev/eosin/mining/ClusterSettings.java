package dev.eosin.mining;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;

/// Tiles out of clusters, so that what is rare is there, too.
@Doc("Tiles out of k-means clusters of the embeddings, those nearest to each centre first.")
public record ClusterSettings(
    @Doc("There are sqrt(factor * n) clusters of n tiles.")
        @OrElse("1.6")
        @Range(min = 0.001, max = 1000)
        double factor,
    @Doc("How that becomes a whole number.") @OrElse("up") Rounding rounding,
    @Doc("How many tiles are taken of all clusters together.") @Range(min = 1, max = 10_000_000)
        int tiles,
    @Doc(
            "How they are shared: equal takes tiles / k of each cluster, rounded down, at least 1;"
                + " even gives what is left over, and what small clusters lack, to the others.")
        @OrElse("equal")
        Sharing sharing,
    @Doc("The most rounds of k-means.") @OrElse("100") @Range(min = 1, max = 10_000) int rounds) {
  /// How a number of clusters becomes whole.
  public enum Rounding {
    UP,
    DOWN
  }

  /// How tiles are shared over clusters.
  public enum Sharing {
    EQUAL,
    EVEN
  }

  /// How many clusters there are.
  ///
  /// @param tiles n, at least 1
  int clusters(int tiles) {
    double root = Math.sqrt(factor * tiles);
    double whole =
        switch (rounding) {
          case UP -> Math.ceil(root);
          case DOWN -> Math.floor(root);
        };
    return (int) Math.clamp((long) whole, 1, tiles);
  }
}
