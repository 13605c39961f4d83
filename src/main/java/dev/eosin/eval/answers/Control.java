package dev.eosin.eval.answers;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What a model was given in place of the question's own picture: a score says little without those
/// of its controls beside it.
public enum Control {
  /// Nothing: the question with its picture.
  NONE,
  /// The picture of another question, which says what the text alone and chance are worth.
  OTHER_IMAGE,
  /// No picture at all.
  NO_IMAGE,
  /// No model at all: the training data's most frequent answer.
  FREQUENT,
  /// No picture, but what it shows in words: what the model could answer at best.
  TOLD;

  /// As files and recipes write it: `other-image`.
  public String written() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The control that is written so.
  static Optional<Control> of(String written) {
    return Arrays.stream(values()).filter(each -> each.written().equals(written)).findFirst();
  }
}
