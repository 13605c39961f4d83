package dev.eosin.data;

import java.util.List;

/// One of a sample's captions.
///
/// @param text as the source gives it
/// @param weight how often it is drawn in training, relative to the sample's other captions; above
///   0
public record Caption(String text, double weight) {
  /// @throws IllegalArgumentException for a weight that is not a finite number above 0
  public Caption {
    if (!(weight > 0) || Double.isInfinite(weight)) {
      throw new IllegalArgumentException(
          "a caption's weight is %s; expected a number above 0".formatted(weight));
    }
  }

  /// Captions that are drawn equally often.
  public static List<Caption> equal(List<String> texts) {
    return texts.stream().map(text -> new Caption(text, 1)).toList();
  }
}
