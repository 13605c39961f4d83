package dev.eosin.language.chat;

/// A conversation as ids.
///
/// @param text as it reads, without begin of text
/// @param ids `[n]`, begin of text first where there is one
/// @param supervised `[n]`, which of them are asked for
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record ChatRow(String text, int[] ids, boolean[] supervised) {
  /// How many are asked for.
  public int asked() {
    int asked = 0;
    for (boolean one : supervised) {
      asked += one ? 1 : 0;
    }
    return asked;
  }
}
