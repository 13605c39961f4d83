package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ByteLevelWordsTest {
  /// GPT-2's pattern; white space is named, as Java's `\s` knows ASCII only.
  private static final Pattern PATTERN =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^S\\p{L}\\p{N}]+|[S]+(?![^S])|[S]+"
              .replace(
                  "S",
                  "\\t-\\r\\x{20}\\x{85}\\xA0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000"));

  private static List<String> cut(String text) {
    List<String> words = new ArrayList<>();
    ByteLevelWords.cut(text, words::add);
    return words;
  }

  @Test
  void blanksGoWithTheWordBehindThem() {
    assertThat(cut("It's  3 glands,\n\nwe'll see  "))
        .containsExactly(
            "It", "'s", " ", " 3", " glands", ",", "\n", "\n", "we", "'ll", " see", "  ");
    assertThat(cut("")).isEmpty();
  }

  @Test
  void anyTextIsCutAsByThePattern() {
    Random random = new Random(7);
    for (int i = 0; i < 3000; i++) {
      String text = RandomText.of(random, 24);
      List<String> expected = new ArrayList<>();
      Matcher matcher = PATTERN.matcher(text);
      while (matcher.find()) {
        expected.add(matcher.group());
      }
      assertThat(cut(text)).as(text).isEqualTo(expected);
      assertThat(String.join("", cut(text))).isEqualTo(text);
    }
  }
}
