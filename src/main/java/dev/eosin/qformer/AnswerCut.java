package dev.eosin.qformer;

import java.util.Arrays;
import java.util.OptionalInt;

/// How long prompts and answers may be for a language model, and what is cut: of a prompt its
/// beginning, so that what is asked last stays; of an answer its end. What begins and ends a text
/// counts.
///
/// LAVIS has 128 and 256 ids for Vicuna, of which the second counts a beginning that its splice
/// leaves out: 128 and 255 here.
///
/// @param prompt most ids of a prompt, what begins it included
/// @param answer most ids of an answer, what ends it included
public record AnswerCut(int prompt, int answer) {
  /// As LAVIS cuts for Vicuna.
  public static final AnswerCut VICUNA = new AnswerCut(128, 255);

  /// @throws IllegalArgumentException when nothing would be left
  public AnswerCut {
    if (prompt < 2 || answer < 1) {
      throw new IllegalArgumentException(
          "prompts of at most %d ids and answers of at most %d leave nothing to read or to learn"
              .formatted(prompt, answer));
    }
  }

  /// A prompt's last ids behind what begins it.
  ///
  /// @param ids without special ones
  /// @param begin what the model's texts begin with
  /// @param end what the texts of an encoder end with
  public int[] prompt(int[] ids, OptionalInt begin, OptionalInt end) {
    int special = (begin.isPresent() ? 1 : 0) + (end.isPresent() ? 1 : 0);
    int kept = Math.min(ids.length, prompt - special);
    int[] cut = new int[kept + special];
    int at = 0;
    if (begin.isPresent()) {
      cut[at++] = begin.getAsInt();
    }
    System.arraycopy(ids, ids.length - kept, cut, at, kept);
    if (end.isPresent()) {
      cut[cut.length - 1] = end.getAsInt();
    }
    return cut;
  }

  /// An answer with its end, or where it is too long its first ids, which do not end.
  ///
  /// @param ids without special ones
  public int[] answer(int[] ids, int end) {
    int[] whole = Arrays.copyOf(ids, ids.length + 1);
    whole[ids.length] = end;
    return Arrays.copyOf(whole, Math.min(whole.length, answer));
  }
}
