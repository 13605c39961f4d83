package dev.eosin.eval;

import java.util.Arrays;
import java.util.List;

/// Where the answers to n queries stand among all candidates, from 0; the best of several right
/// answers counts.
///
/// Of candidates that score the same nobody can say which comes first: what is reported is the mean
/// over all their orders. So a model that tells nothing apart has the recall of chance.
public final class Ranks {
  /// Candidates per query with a higher score than the right answer, wrong ones with the same
  /// score, right ones with it.
  private final int[] higher;

  private final int[] wrong;
  private final int[] right;

  private Ranks(int[] higher, int[] wrong, int[] right) {
    this.higher = higher;
    this.wrong = wrong;
    this.right = right;
  }

  /// What the kernel `retrieval_ranks` counted.
  ///
  /// @param counts of each query: candidates that score higher than its best right answer, that
  ///   score the same, and the wrong ones of these
  /// @throws IllegalArgumentException when a score was no number
  static Ranks of(int[][] counts) {
    int[] alike = counts[1];
    int[] wrong = counts[2];
    int[] right = new int[alike.length];
    for (int query = 0; query < right.length; query++) {
      right[query] = alike[query] - wrong[query];
      if (right[query] < 1) {
        throw new IllegalArgumentException(
            "an embedding has components that are infinite or NaN, or a query has no right answer");
      }
    }
    return new Ranks(counts[0], wrong, right);
  }

  /// As above, in blocks of queries.
  ///
  /// @param blocks of each what is higher of all its queries, then what is alike, then what is
  ///   wrong
  static Ranks ofBlocks(List<double[]> blocks) {
    int queries = blocks.stream().mapToInt(block -> block.length / 3).sum();
    int[][] counts = new int[3][queries];
    int from = 0;
    for (double[] block : blocks) {
      int rows = block.length / 3;
      for (int i = 0; i < block.length; i++) {
        counts[i / rows][from + i % rows] = (int) block[i];
      }
      from += rows;
    }
    return of(counts);
  }

  /// n, the number of queries.
  public int size() {
    return higher.length;
  }

  /// The rank of a query's best right answer: in the middle of those that score the same.
  public double rank(int query) {
    return higher[query] + wrong[query] / (right[query] + 1.0);
  }

  /// The share of queries with a right answer among the k best.
  public double recall(int k) {
    double hits = 0;
    for (int query = 0; query < higher.length; query++) {
      hits += hit(query, k);
    }
    return hits / higher.length;
  }

  /// Whether a query has a right answer among the k best: one minus the share of orders that leave
  /// none in the places still free.
  public double hit(int query, int k) {
    double miss = 1;
    for (int place = 0; place < k - higher[query]; place++) {
      miss *= Math.max(0, (double) (wrong[query] - place) / (wrong[query] + right[query] - place));
    }
    return 1 - miss;
  }

  /// open_clip's `mean_rank`: counted from 1.
  public double meanRank() {
    double sum = 0;
    for (int query = 0; query < higher.length; query++) {
      sum += rank(query);
    }
    return sum / higher.length + 1;
  }

  /// open_clip's `median_rank`: a whole number, counted from 1.
  public double medianRank() {
    double[] sorted = new double[higher.length];
    Arrays.setAll(sorted, this::rank);
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return Math.floor(median) + 1;
  }
}
