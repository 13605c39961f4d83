package dev.eosin.text;

/// A caption as a text tower sees it.
///
/// @param text what the ids were made of
/// @param ids start and end of text included, without padding
/// @param fit how it came to fit its row
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record EncodedCaption(String text, int[] ids, Fit fit) {
  /// How a caption came to fit its row.
  public enum Fit {
    /// It was short enough.
    WHOLE,
    /// Sentences were left out.
    SAMPLED,
    /// Ids were cut off.
    TRUNCATED
  }
}
