package dev.eosin.eval.vqa;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Which of some labels a text names.
final class LabelReading {
  private static final Pattern ENDS =
      Pattern.compile("^%1$s|%1$s$".formatted(NormalisedWords.WHITE_SPACE.pattern()));

  private final NormalisedWords words;
  private final int labels;
  private final Map<List<String>, Integer> labelOfWords = new HashMap<>();
  private final Map<String, Integer> labelOfText = new HashMap<>();

  /// Words `[start, end)` of a text that mean a label.
  private record Occurrence(int start, int end, int label) {
    private boolean isPartOf(Occurrence other) {
      return other.start <= start && end <= other.end && end - start < other.end - other.start;
    }
  }

  /// @throws IllegalArgumentException for a text without words, and for one that means two labels
  LabelReading(NormalisedWords words, List<AnswerLabel> labels) {
    this.words = words;
    this.labels = labels.size();
    for (int label = 0; label < labels.size(); label++) {
      int number = label;
      labels.get(label).texts().forEach(text -> add(text, number, labels));
    }
  }

  private void add(String text, int label, List<AnswerLabel> all) {
    List<String> found = words.of(text);
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' of the label '%s' has no words to look for; write it out"
              .formatted(text, all.get(label).name()));
    }
    Integer other = labelOfWords.putIfAbsent(found, label);
    if (other != null) {
      throw new IllegalArgumentException(
          "'%s' of the label '%s' means '%s' already; a text means one label"
              .formatted(text, all.get(label).name(), all.get(other).name()));
    }
    labelOfText.put(text, label);
  }

  /// The place for texts without a label.
  int none() {
    return labels;
  }

  /// The place for texts with several labels.
  int several() {
    return labels + 1;
  }

  /// The only label whose words stand together somewhere in a text; words within a longer text of
  /// the labels count for that alone.
  ///
  /// @return its place, [#none] or [#several]
  int within(String text) {
    List<Occurrence> found = occurrences(words.of(text));
    Set<Integer> said = new TreeSet<>();
    for (Occurrence each : found) {
      if (found.stream().noneMatch(each::isPartOf)) {
        said.add(each.label());
      }
    }
    return switch (said.size()) {
      case 0 -> none();
      case 1 -> said.iterator().next();
      default -> several();
    };
  }

  private List<Occurrence> occurrences(List<String> text) {
    List<Occurrence> found = new ArrayList<>();
    labelOfWords.forEach(
        (phrase, label) -> {
          for (int start = 0; start + phrase.size() <= text.size(); start++) {
            int end = start + phrase.size();
            if (text.subList(start, end).equals(phrase)) {
              found.add(new Occurrence(start, end, label));
            }
          }
        });
    return found;
  }

  /// The label whose words are all that a text has.
  OptionalInt whole(String text) {
    Integer label = labelOfWords.get(words.of(text));
    return label == null ? OptionalInt.empty() : OptionalInt.of(label);
  }

  /// The label that a text is to the letter, but for white space around it.
  ///
  /// @return its place, or [#none]
  int exact(String text) {
    return labelOfText.getOrDefault(ENDS.matcher(text).replaceAll(""), none());
  }
}
