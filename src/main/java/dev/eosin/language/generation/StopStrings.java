package dev.eosin.language.generation;

import java.util.List;

/// Texts that end a sequence as soon as it contains one of them.
public record StopStrings(List<String> texts) {
  public StopStrings {
    texts = List.copyOf(texts);
  }

  /// What ids say.
  @FunctionalInterface
  public interface Decoder {
    /// For sequences of settings without stop strings, which are never decoded.
    Decoder NONE =
        ids -> {
          throw new IllegalArgumentException(
              "the settings have stop strings, but nothing says what ids mean; give a decoder");
        };

    /// The text of new ids, which may end inside a character.
    String text(int[] ids);
  }

  /// Whether one of them is in the text.
  public boolean endedIn(String text) {
    return texts.stream().anyMatch(text::contains);
  }

  /// The text up to where the first of them begins; all of it where there is none.
  public String before(String text) {
    int end =
        texts.stream().mapToInt(text::indexOf).filter(at -> at >= 0).min().orElse(text.length());
    return text.substring(0, end);
  }

  boolean endedBy(IdHistory row, Decoder decoder) {
    return !texts.isEmpty() && endedIn(decoder.text(row.newIds()));
  }
}
