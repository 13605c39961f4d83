package dev.eosin.eval.vqa;

import java.util.ArrayList;
import java.util.List;

/// What BLEU (Papineni et al. 2002) counts, of one text or summed over several: n-grams of 1 to 4
/// words.
final class Ngrams {
  /// The longest n-gram.
  static final int LONGEST = 4;

  /// Matches of each length, n-grams of each length, words of the answer, words of the gold.
  static final int WIDTH = 2 * LONGEST + 2;

  private static final int ANSWER = 2 * LONGEST;
  private static final int GOLD = ANSWER + 1;

  private Ngrams() {}

  /// Adds the counts of an answer.
  ///
  /// @param fewest the least number of n-grams an answer counts as having: nltk says 1, sacrebleu 0
  /// @param sums written from `offset` on, [#WIDTH] numbers
  static void add(List<String> gold, List<String> answer, int fewest, double[] sums, int offset) {
    for (int n = 1; n <= LONGEST; n++) {
      sums[offset + n - 1] += WordOverlap.common(ngrams(gold, n), ngrams(answer, n));
      sums[offset + LONGEST + n - 1] += Math.max(fewest, answer.size() - n + 1);
    }
    sums[offset + ANSWER] += answer.size();
    sums[offset + GOLD] += gold.size();
  }

  private static List<List<String>> ngrams(List<String> words, int n) {
    List<List<String>> ngrams = new ArrayList<>();
    for (int i = 0; i + n <= words.size(); i++) {
      ngrams.add(words.subList(i, i + n));
    }
    return ngrams;
  }

  /// BLEU without smoothing, as nltk computes it: a length that nothing matches counts as the
  /// smallest normal number.
  ///
  /// @param weights of the lengths from 1 on
  static double bleu(double[] sums, int offset, double... weights) {
    if (sums[offset] == 0) {
      return 0;
    }
    double logarithm = 0;
    for (int i = 0; i < weights.length; i++) {
      double matches = sums[offset + i];
      double precision = matches == 0 ? Double.MIN_NORMAL : matches / sums[offset + LONGEST + i];
      logarithm += weights[i] * Math.log(precision);
    }
    return brevity(sums, offset) * Math.exp(logarithm);
  }

  /// BLEU with the exponential smoothing that sacrebleu has by default, in percent: the first
  /// length that nothing matches counts half a match, the next a quarter, ...
  static double smoothed(double[] sums, int offset) {
    double logarithm = 0;
    double share = 1;
    boolean matched = false;
    for (int i = 0; i < LONGEST; i++) {
      double matches = sums[offset + i];
      double all = sums[offset + LONGEST + i];
      if (all == 0) {
        return 0;
      }
      if (matches == 0) {
        share /= 2;
      }
      matched |= matches > 0;
      logarithm += Math.log((matches == 0 ? share : matches) / all) / LONGEST;
    }
    return matched ? 100 * brevity(sums, offset) * Math.exp(logarithm) : 0;
  }

  private static double brevity(double[] sums, int offset) {
    double answer = sums[offset + ANSWER];
    double gold = sums[offset + GOLD];
    if (answer > gold) {
      return 1;
    }
    return answer == 0 ? 0 : Math.exp(1 - gold / answer);
  }
}
