package dev.eosin.nn;

/// Low-rank adapters of a stack of blocks: an adapted linear gives W x + (alpha / r) B A x. The
/// query, key and value projections are one linear here and share one pair: A [r,c], B [3c,r].
///
/// Source: LoRA (Hu et al. 2021, arXiv 2106.09685); the scale and first values are peft's.
///
/// @param rank r, at least 1
/// @param alpha the scale times r
/// @param attention adapts query-key-value and output
/// @param mlp adapts up and down
/// @param dropout the share of what enters each A that a training step leaves out, at least 0 and
///   less than 1; see [AdapterDropout]
public record LowRank(int rank, double alpha, boolean attention, boolean mlp, double dropout) {
  public LowRank {
    if (rank < 1 || !(attention || mlp)) {
      throw new IllegalArgumentException("adapters of rank %d adapt nothing".formatted(rank));
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout of " + dropout + " is not in [0, 1)");
    }
  }

  /// alpha / r
  public double scale() {
    return alpha / rank;
  }

  /// alpha / r where a part of the inputs is left out: what stays counts for what goes.
  public double scaleOfRest() {
    return scale() / (1 - dropout);
  }

  /// The name of the pair's A, for the linear whose weight is named `weight`.
  public static String down(String weight) {
    return stem(weight) + ".lora-a";
  }

  /// The name of the pair's B.
  public static String up(String weight) {
    return stem(weight) + ".lora-b";
  }

  /// Whether a weight of this name is half of a pair.
  public static boolean isAdapter(String name) {
    return name.endsWith(".lora-a") || name.endsWith(".lora-b");
  }

  private static String stem(String weight) {
    return weight.substring(0, weight.length() - ".weight".length());
  }
}
