package dev.eosin.instruct;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.List;

/// `closed`: questions that state something of the image.
@Doc(
    "Closed questions from templates. Each states the caption or the label: with probability 1/2"
        + " the image's own (yes), else that of another image, of another group and another text,"
        + " drawn so that labels are as frequent in false statements as in true ones (no).")
public record ClosedSettings(
    @Doc("The questions; each has {caption} or {label}, which is what it states.")
        List<String> questions,
    @Doc("The answer to what is true.") @OrElse("\"yes\"") String yes,
    @Doc("The answer to what is false.") @OrElse("\"no\"") String no,
    @Doc("Different questions about an image.") @OrElse("1") @Range(min = 1) int perCaption) {
  /// @throws IllegalArgumentException for a question that states nothing or two things, answers
  ///   that are empty or alike, and for more questions than there are
  public ClosedSettings {
    questions = Slots.distinct("questions", questions);
    for (String question : questions) {
      int slots = Slots.checked("questions", question).size();
      if (slots != 1) {
        throw new IllegalArgumentException(
            "questions: '%s' has %s of {caption} and {label}, expected one of them: what is true or false"
                .formatted(question, slots == 0 ? "none" : "both"));
      }
    }
    if (yes.isBlank() || no.isBlank() || yes.strip().equalsIgnoreCase(no.strip())) {
      throw new IllegalArgumentException(
          "yes: the answers '%s' and '%s' are empty or the same".formatted(yes, no));
    }
    requireEnough("per-caption", perCaption, questions);
  }

  static void requireEnough(String key, int wanted, List<String> questions) {
    if (wanted > questions.size()) {
      throw new IllegalArgumentException(
          "%s: %d different questions are more than the %d that there are"
              .formatted(key, wanted, questions.size()));
    }
  }
}
