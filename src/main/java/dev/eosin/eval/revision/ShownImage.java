package dev.eosin.eval.revision;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What whoever revised a caption saw in place of the caption's own image.
public enum ShownImage {
  /// Nothing else: the caption's own image.
  NONE,
  /// The image of another caption.
  OTHER_IMAGE,
  /// No image at all.
  NO_IMAGE,
  /// The caption's own image, which a twin that was trained on blank images cannot see.
  TWIN;

  /// As files write it: `other-image`.
  public String written() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// What is written so.
  static Optional<ShownImage> of(String written) {
    return Arrays.stream(values()).filter(each -> each.written().equals(written)).findFirst();
  }
}
