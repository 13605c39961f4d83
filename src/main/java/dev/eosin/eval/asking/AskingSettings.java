package dev.eosin.eval.asking;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.eval.answers.Control;
import java.util.List;

/// The key `asking`: how a model is asked.
@Doc("How a model is asked.")
public record AskingSettings(
    @Doc(
            "What the model is given; {} stands for the question, whose options follow it on lines"
                + " of their own, as 'A: ...'.")
        @OrElse("'{}'")
        String prompt,
    @Doc("What the model is asked besides, to be read beside every score; none is always asked.")
        @OrElse("[other-image, no-image, frequent, told]")
        List<Control> controls,
    @Doc("Over how many other pictures the control other-image goes.")
        @OrElse("5")
        @Range(min = 1, max = 100)
        int otherImages,
    @Doc(
            "How options are chosen from: the model writes a letter (letters), or what it finds"
                + " likeliest counts, of the options' texts (likelihoods) or of their letters"
                + " (letter-likelihoods).")
        @OrElse("letters")
        Choices choices,
    @Doc("Tokens of an answer at most.") @OrElse("64") @Range(min = 1, max = 100_000)
        int mostTokens,
    @Doc("Questions that are asked at once; no number changes an answer.")
        @OrElse("16")
        @Range(min = 1, max = 100_000)
        int batch) {
  /// How options are chosen from.
  public enum Choices {
    /// The model writes what it will.
    LETTERS,
    /// The likeliest of the options' texts.
    LIKELIHOODS,
    /// The likeliest of the options' letters, so that their texts' lengths do not matter.
    LETTER_LIKELIHOODS
  }

  /// What a recipe means that says nothing.
  public static AskingSettings standard() {
    List<Control> controls =
        List.of(Control.OTHER_IMAGE, Control.NO_IMAGE, Control.FREQUENT, Control.TOLD);
    return new AskingSettings("{}", controls, 5, Choices.LETTERS, 64, 16);
  }

  /// @throws IllegalArgumentException for a prompt without `{}`
  public AskingSettings {
    controls = List.copyOf(controls);
    if (!prompt.contains("{}")) {
      throw new IllegalArgumentException(
          "prompt: '%s' has no {} where the question belongs".formatted(prompt));
    }
  }

  /// The same without controls.
  public AskingSettings without() {
    return new AskingSettings(prompt, List.of(), otherImages, choices, mostTokens, batch);
  }

  /// Whether a control is asked.
  boolean asks(Control control) {
    return control == Control.NONE || controls.contains(control);
  }
}
