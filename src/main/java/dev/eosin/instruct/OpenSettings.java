package dev.eosin.instruct;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.List;
import java.util.Set;

/// `open`: questions whose answer is the caption or the label.
@Doc("Open questions from templates, answered with the caption or the label.")
public record OpenSettings(
    @Doc("The questions, of which one is drawn at a time.") List<String> questions,
    @Doc("The answer: {caption} stands for the caption, {label} for the label's text.")
        @OrElse("\"{caption}\"")
        String answer,
    @Doc("Different questions about an image.") @OrElse("1") @Range(min = 1) int perCaption) {
  /// @throws IllegalArgumentException for an answer that says nothing of the image, a question that
  ///   gives it away, and for more questions than there are
  public OpenSettings {
    questions = Slots.distinct("questions", questions);
    if (Slots.checked("answer", answer).isEmpty()) {
      throw new IllegalArgumentException(
          "answer: '%s' has neither {caption} nor {label}, and would be the same for every image"
              .formatted(answer));
    }
    for (String question : questions) {
      Set<String> slots = Slots.checked("questions", question);
      if (!slots.isEmpty()) {
        throw new IllegalArgumentException(
            "questions: '%s' has {%s}, which is the answer of open questions; closed ones state it"
                .formatted(question, slots.iterator().next()));
      }
    }
    ClosedSettings.requireEnough("per-caption", perCaption, questions);
  }
}
