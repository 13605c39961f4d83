package dev.eosin.curate.rules;

import java.util.Arrays;

/// What captions are compared by: the set of their runs of a few words, without regard to case and
/// to what is neither letter nor digit; a caption of fewer words is one run.
///
/// @param length words of a run
public record Shingles(int length) {
  /// A caption of a megabyte is compared by so many runs, the first.
  static final int MOST = 4096;

  private static final int[] NONE = {};

  /// The runs of a caption as hashes, sorted, each once; none without words.
  int[] of(String caption) {
    long[] words = words(caption);
    if (words.length == 0) {
      return NONE;
    }
    int count = Math.max(1, words.length - length + 1);
    int[] runs = new int[count];
    for (int i = 0; i < count; i++) {
      long hash = 0;
      for (int word = i; word < Math.min(words.length, i + length); word++) {
        hash = Mixing.mixed(hash * 31 + words[word]);
      }
      runs[i] = (int) hash;
    }
    return distinct(runs);
  }

  private static int[] distinct(int[] runs) {
    Arrays.sort(runs);
    int kept = 0;
    for (int i = 0; i < runs.length; i++) {
      if (i == 0 || runs[i] != runs[i - 1]) {
        runs[kept++] = runs[i];
      }
    }
    return Arrays.copyOf(runs, kept);
  }

  private long[] words(String caption) {
    long[] words = new long[16];
    int count = 0;
    StringBuilder word = new StringBuilder();
    for (int i = 0; i <= caption.length() && count < MOST + length - 1; i++) {
      char letter = i < caption.length() ? caption.charAt(i) : ' ';
      if (Character.isLetterOrDigit(letter) || Character.isSurrogate(letter)) {
        word.append(Character.toLowerCase(letter));
      } else if (!word.isEmpty()) {
        if (count == words.length) {
          words = Arrays.copyOf(words, 2 * count);
        }
        words[count++] = Mixing.of(word, 0, word.length());
        word.setLength(0);
      }
    }
    return Arrays.copyOf(words, count);
  }

  /// How much of two sets is in both, of what is in either: 0 to 1.
  ///
  /// @param a sorted, each once
  /// @param to where the second ends in its array
  static double jaccard(int[] a, int[] others, int from, int to) {
    int both = 0;
    int i = 0;
    int j = from;
    while (i < a.length && j < to) {
      int order = Integer.compare(a[i], others[j]);
      both += order == 0 ? 1 : 0;
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
    }
    int either = a.length + to - from - both;
    return either == 0 ? 0 : (double) both / either;
  }
}
