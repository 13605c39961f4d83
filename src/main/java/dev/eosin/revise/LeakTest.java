package dev.eosin.revise;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Whether the words of a caption alone tell that it was degraded: a logistic regression on counts
/// of words, taught on half of the rows and measured on the other half. Where it can tell, a model
/// that revises learns words instead of images.
///
/// @param auc area under the ROC curve on the held-out half; 0.5 is chance, NaN where a side is
///   missing
/// @param standardError of an AUC of 0.5 with so many rows (Hanley and McNeil 1982)
/// @param taught rows
/// @param heldOut rows
/// @param telling the words of the largest weights, positive ones of degraded captions
record LeakTest(double auc, double standardError, int taught, int heldOut, List<Weighted> telling) {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");
  private static final int LEAST_ROWS = 2;
  private static final int TOLD = 10;

  LeakTest {
    telling = List.copyOf(telling);
  }

  /// A caption, and whether it was degraded.
  ///
  /// @param hash of the row, which puts it on its side
  record Labelled(String caption, boolean corrupted, long hash) {
    /// Half of all rows, whatever their order.
    boolean isHeldOut() {
      return (hash * 0x9E3779B97F4A7C15L >>> 63) == 1;
    }
  }

  /// A word and its weight.
  record Weighted(String word, double weight) {}

  static LeakTest of(List<Labelled> rows) {
    List<Labelled> teach = rows.stream().filter(row -> !row.isHeldOut()).toList();
    List<Labelled> held = rows.stream().filter(Labelled::isHeldOut).toList();
    Map<String, Integer> vocabulary = vocabulary(teach);
    WordRegression model =
        WordRegression.fit(counts(teach, vocabulary), labels(teach), vocabulary.size());
    double[] scores = counts(held, vocabulary).stream().mapToDouble(model::score).toArray();
    boolean[] truth = labels(held);
    int positive = (int) IntStream.range(0, truth.length).filter(i -> truth[i]).count();
    int negative = truth.length - positive;
    double error = Math.sqrt((positive + negative + 1) / (12.0 * positive * negative));
    List<Weighted> telling = new ArrayList<>();
    vocabulary.forEach((word, at) -> telling.add(new Weighted(word, model.weight(at))));
    telling.sort(
        Comparator.comparingDouble((Weighted one) -> -Math.abs(one.weight()))
            .thenComparing(Weighted::word));
    return new LeakTest(
        auc(scores, truth),
        error,
        teach.size(),
        held.size(),
        telling.subList(0, Math.min(TOLD, telling.size())));
  }

  private static List<String> words(String caption) {
    return WORD.matcher(caption.toLowerCase(Locale.ROOT)).results().map(r -> r.group()).toList();
  }

  /// The words of at least two rows.
  private static Map<String, Integer> vocabulary(List<Labelled> rows) {
    Map<String, Integer> seen = new TreeMap<>();
    for (Labelled row : rows) {
      new HashSet<>(words(row.caption())).forEach(word -> seen.merge(word, 1, Integer::sum));
    }
    Map<String, Integer> vocabulary = new TreeMap<>();
    seen.forEach(
        (word, count) -> {
          if (count >= LEAST_ROWS) {
            vocabulary.put(word, vocabulary.size());
          }
        });
    return vocabulary;
  }

  private static List<Map<Integer, Integer>> counts(
      List<Labelled> rows, Map<String, Integer> vocabulary) {
    List<Map<Integer, Integer>> counts = new ArrayList<>();
    for (Labelled row : rows) {
      Map<Integer, Integer> own = new HashMap<>();
      for (String word : words(row.caption())) {
        Integer at = vocabulary.get(word);
        if (at != null) {
          own.merge(at, 1, Integer::sum);
        }
      }
      counts.add(own);
    }
    return counts;
  }

  private static boolean[] labels(List<Labelled> rows) {
    boolean[] labels = new boolean[rows.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = rows.get(i).corrupted();
    }
    return labels;
  }

  /// The share of pairs of a degraded and a clean row of which the degraded one has the higher
  /// score, ties being halves (Mann and Whitney 1947).
  static double auc(double[] scores, boolean[] truth) {
    Integer[] order = IntStream.range(0, scores.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(i -> scores[i]));
    double ranks = 0;
    long positive = 0;
    for (int from = 0; from < order.length; ) {
      int to = from;
      while (to < order.length && scores[order[to]] == scores[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        if (truth[order[i]]) {
          ranks += (from + 1 + to) / 2.0;
          positive++;
        }
      }
      from = to;
    }
    long negative = scores.length - positive;
    return (ranks - positive * (positive + 1) / 2.0) / (positive * (double) negative);
  }

  /// As the file has it; without an area where a side is missing.
  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("test", "logistic regression on counts of words");
    if (Double.isFinite(auc)) {
      json.put("auc", rounded(auc)).put("standard-error", rounded(standardError));
    }
    json.put("taught", taught).put("held-out", heldOut);
    ArrayNode words = json.putArray("telling");
    telling.forEach(
        one -> words.addObject().put("word", one.word()).put("weight", rounded(one.weight())));
    return json;
  }

  private static double rounded(double value) {
    return Math.round(value * 10_000) / 10_000.0;
  }
}
