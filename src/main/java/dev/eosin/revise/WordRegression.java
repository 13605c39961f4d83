package dev.eosin.revise;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Logistic regression on sparse counts with an L2 penalty of half the squared weights for all rows
/// together. Each step minimises a quadratic bound of the loss that is separable in the weights
/// (Böhning and Lindsay 1988), with Nesterov's momentum.
final class WordRegression {
  private static final int STEPS = 300;

  private final double[] weights;
  private final double bias;

  private WordRegression(double[] weights, double bias) {
    this.weights = weights;
    this.bias = bias;
  }

  /// @param rows counts by feature
  /// @param truth of each row
  static WordRegression fit(List<Map<Integer, Integer>> rows, boolean[] truth, int features) {
    double[] bound = bounds(rows, features);
    double[] now = new double[features + 1];
    double[] ahead = new double[features + 1];
    for (int step = 1; step <= STEPS; step++) {
      double[] gradient = gradient(rows, truth, ahead);
      double momentum = (step - 1) / (step + 2.0);
      for (int j = 0; j <= features; j++) {
        double next = ahead[j] - gradient[j] / bound[j];
        ahead[j] = next + momentum * (next - now[j]);
        now[j] = next;
      }
    }
    return new WordRegression(now, now[features]);
  }

  /// The diagonal of the bound: a quarter of each row's counts times their sum.
  private static double[] bounds(List<Map<Integer, Integer>> rows, int features) {
    double[] bound = new double[features + 1];
    Arrays.fill(bound, 1);
    for (Map<Integer, Integer> row : rows) {
      double all = 1 + row.values().stream().mapToInt(Integer::intValue).sum();
      row.forEach((at, count) -> bound[at] += count * all / 4);
      bound[features] += all / 4;
    }
    return bound;
  }

  private static double[] gradient(
      List<Map<Integer, Integer>> rows, boolean[] truth, double[] weights) {
    int bias = weights.length - 1;
    double[] gradient = weights.clone();
    gradient[bias] = 0;
    for (int i = 0; i < truth.length; i++) {
      double error = 1 / (1 + Math.exp(-score(rows.get(i), weights, weights[bias])));
      error -= truth[i] ? 1 : 0;
      for (Map.Entry<Integer, Integer> one : rows.get(i).entrySet()) {
        gradient[one.getKey()] += error * one.getValue();
      }
      gradient[bias] += error;
    }
    return gradient;
  }

  private static double score(Map<Integer, Integer> row, double[] weights, double bias) {
    double score = bias;
    for (Map.Entry<Integer, Integer> one : row.entrySet()) {
      score += weights[one.getKey()] * one.getValue();
    }
    return score;
  }

  /// The logarithm of the odds.
  double score(Map<Integer, Integer> row) {
    return score(row, weights, bias);
  }

  double weight(int feature) {
    return weights[feature];
  }
}
