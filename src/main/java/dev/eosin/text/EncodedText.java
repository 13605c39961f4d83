package dev.eosin.text;

/// The ids of a text, and which part of the text each of them spells.
///
/// Part i is `text.substring(starts[i], ends[i])`, in Java's UTF-16 units. Tokens that are bytes of
/// one character all have that character; a token that the text does not hold, such as begin of
/// text, has an empty part at 0.
///
/// @param ids `[n]`
/// @param starts `[n]`, included
/// @param ends `[n]`, excluded
public record EncodedText(int[] ids, int[] starts, int[] ends) {
  /// @throws IllegalArgumentException when the three differ in length
  public EncodedText {
    if (starts.length != ids.length || ends.length != ids.length) {
      throw new IllegalArgumentException(
          "%d ids, %d starts, %d ends".formatted(ids.length, starts.length, ends.length));
    }
  }
}
