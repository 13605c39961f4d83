package dev.eosin.eval.revision;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Which words of a text stand in another one: a longest common subsequence of both, the same for
/// the same texts. Words are runs of letters and digits, whatever their case; marks between them do
/// not count.
///
/// @param words of the text
/// @param other words of the other text
/// @param places of each word among the other ones; -1 where it is not there
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record WordAlignment(List<String> words, List<String> other, int[] places) {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");

  /// Words of the text from `from` to `to`, in whose place the other text has something else.
  record Change(int from, int to) {}

  static List<String> words(String text) {
    return WORD.matcher(text.toLowerCase(Locale.ROOT)).results().map(MatchResult::group).toList();
  }

  static WordAlignment of(List<String> words, List<String> other) {
    int[][] common = new int[words.size() + 1][other.size() + 1];
    for (int i = words.size() - 1; i >= 0; i--) {
      for (int j = other.size() - 1; j >= 0; j--) {
        common[i][j] =
            words.get(i).equals(other.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    int[] places = new int[words.size()];
    Arrays.fill(places, -1);
    for (int i = 0, j = 0; i < words.size() && j < other.size(); ) {
      if (words.get(i).equals(other.get(j))) {
        places[i++] = j++;
      } else if (common[i + 1][j] >= common[i][j + 1]) {
        i++;
      } else {
        j++;
      }
    }
    return new WordAlignment(words, other, places);
  }

  /// Where the texts differ, from left to right.
  List<Change> changes() {
    List<Change> changes = new ArrayList<>();
    int from = 0;
    int expected = 0;
    for (int i = 0; i <= words.size(); i++) {
      int place = i < words.size() ? places[i] : other.size();
      if (place >= 0) {
        if (from < i || expected < place) {
          changes.add(new Change(from, i));
        }
        from = i + 1;
        expected = place + 1;
      }
    }
    return changes;
  }

  /// Whether a word is in both texts; what lies before the first and behind the last one is.
  boolean has(int word) {
    return word < 0 || word >= words.size() || places[word] >= 0;
  }

  /// What the other text has between two words that are in both.
  ///
  /// @param left word before it, -1 for none
  /// @param right word behind it, the number of words for none
  List<String> between(int left, int right) {
    int from = left < 0 ? 0 : places[left] + 1;
    int to = right >= words.size() ? other.size() : places[right];
    return other.subList(from, to);
  }
}
