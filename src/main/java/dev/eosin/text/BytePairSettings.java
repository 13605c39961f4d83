package dev.eosin.text;

import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;

/// What [BytePairTrainer] is to make.
///
/// @param vocabulary the number of tokens wanted, special ones and 256 bytes included
/// @param minimumCount how often a pair of tokens has to occur to become one
/// @param pad what shorter rows are filled with, id 0
/// @param bos begin of text, id 1
/// @param eos end of text, id 2
/// @param special further special tokens, such as `<image>`, from id 3 on
public record BytePairSettings(
    int vocabulary, long minimumCount, String pad, String bos, String eos, List<String> special) {
  /// @throws IllegalArgumentException when a special token is empty or named twice, or the
  ///   vocabulary has no room for special tokens and bytes
  public BytePairSettings {
    special = List.copyOf(special);
    List<String> all = Stream.concat(Stream.of(pad, bos, eos), special.stream()).toList();
    if (all.contains("")) {
      throw new IllegalArgumentException("a special token is empty");
    }
    if (new HashSet<>(all).size() < all.size()) {
      throw new IllegalArgumentException("a special token is named twice: " + all);
    }
    if (vocabulary < all.size() + ByteAlphabet.SIZE) {
      throw new IllegalArgumentException(
          "a vocabulary of %d has no room for %d special tokens and 256 bytes; at least %d"
              .formatted(vocabulary, all.size(), all.size() + ByteAlphabet.SIZE));
    }
    if (minimumCount < 1) {
      throw new IllegalArgumentException("the minimum count is at least 1, got " + minimumCount);
    }
  }

  /// The special tokens `<pad>`, `<s>` and `</s>`, and pairs that occur at least twice.
  public static BytePairSettings of(int vocabulary) {
    return new BytePairSettings(vocabulary, 2, "<pad>", "<s>", "</s>", List.of());
  }

  /// Every special token, by id.
  List<String> specialTokens() {
    return Stream.concat(Stream.of(pad, bos, eos), special.stream()).toList();
  }
}
