package dev.eosin.eval.vqa;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// How far the words of an answer are those of the gold.
final class WordOverlap {
  private WordOverlap() {}

  /// Recall, precision and F1 where a word counts as often as the gold has it: to say a right word
  /// again is a word too many.
  static double[] counted(List<String> gold, List<String> answer) {
    int right = common(gold, answer);
    return ofCounts(right, answer.size() - right, gold.size() - right);
  }

  /// Recall, precision and F1 as quilt_eval has them: every occurrence in the answer of a word that
  /// the gold has is right, so that repeats raise the recall.
  static double[] asPublished(List<String> gold, List<String> answer) {
    Set<String> goldWords = new HashSet<>(gold);
    Set<String> answerWords = new HashSet<>(answer);
    long right = answer.stream().filter(goldWords::contains).count();
    long lacking = gold.stream().filter(word -> !answerWords.contains(word)).count();
    return ofCounts(right, answer.size() - right, lacking);
  }

  private static double[] ofCounts(long right, long wrong, long lacking) {
    if (right == 0) {
      return new double[3];
    }
    double recall = (double) right / (right + lacking);
    double precision = (double) right / (right + wrong);
    return new double[] {recall, precision, 2 * precision * recall / (precision + recall)};
  }

  /// What quilt_eval prints as its exact match: the gold's distinct words that the answer has, by
  /// the answer's words.
  static double publishedExact(List<String> gold, List<String> answer) {
    Set<String> found = new HashSet<>(gold);
    found.retainAll(new HashSet<>(answer));
    return answer.isEmpty() ? 0 : (double) found.size() / answer.size();
  }

  /// The gold's tokens that the answer has, each as often as both have it, by the gold's tokens; 0
  /// for a gold without tokens.
  static double recall(List<?> gold, List<?> answer) {
    return gold.isEmpty() ? 0 : (double) common(gold, answer) / gold.size();
  }

  /// How many of the tokens both have, with their repeats.
  static int common(List<?> gold, List<?> answer) {
    Map<Object, Integer> left = new HashMap<>();
    gold.forEach(token -> left.merge(token, 1, Integer::sum));
    int common = 0;
    for (Object token : answer) {
      if (left.merge(token, -1, Integer::sum) >= 0) {
        common++;
      }
    }
    return common;
  }

  /// Precision, recall and F1 of the longest common subsequence.
  static double[] rougeL(List<String> gold, List<String> answer) {
    int longest = longestCommon(gold, answer);
    if (longest == 0) {
      return new double[3];
    }
    double precision = (double) longest / answer.size();
    double recall = (double) longest / gold.size();
    return new double[] {precision, recall, 2 * precision * recall / (precision + recall)};
  }

  private static int longestCommon(List<String> gold, List<String> answer) {
    int[] row = new int[answer.size() + 1];
    for (String word : gold) {
      int diagonal = 0;
      for (int i = 1; i < row.length; i++) {
        int above = row[i];
        row[i] = word.equals(answer.get(i - 1)) ? diagonal + 1 : Math.max(above, row[i - 1]);
        diagonal = above;
      }
    }
    return row[row.length - 1];
  }
}
