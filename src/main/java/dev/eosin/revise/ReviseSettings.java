package dev.eosin.revise;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;

/// `revise` of a recipe: captions that may be wrong, and what mends them.
@Doc(
    "Captions become questions: each is shown as it stands or with known mistakes, and what mends"
        + " it is the answer. Samples are captions of drawn findings, which are degraded here, or"
        + " degraded rows (layout: degraded).")
public record ReviseSettings(
    @Doc(
            "How a revision is answered: edits, a list of them as JSON, empty where nothing is to"
                + " be done; text, the caption as it should be.")
        @OrElse("edits")
        Answer answer,
    @Doc("What the model is asked; {caption} stands for the caption.")
        @OrElse("'Revise this caption of the image: {caption}'")
        String prompt,
    @Doc(
            "own: the caption's image. blank: a grey one of its size; a model that is trained so is"
                + " the twin without sight of one that is not.")
        @OrElse("own")
        Images images,
    @Doc("The share of captions of drawn findings that are left as they are.") @OrElse("0.33")
        double clean) {
  private static final String CAPTION = "{caption}";

  /// How a revision is answered.
  public enum Answer {
    EDITS,
    TEXT
  }

  /// What is shown.
  public enum Images {
    OWN,
    BLANK
  }

  /// @throws IllegalArgumentException for a prompt without `{caption}`, or a share that is none
  public ReviseSettings {
    if (!prompt.contains(CAPTION)) {
      throw new IllegalArgumentException(
          "prompt: '%s' has no {caption} where the caption belongs".formatted(prompt));
    }
    if (!(clean >= 0 && clean < 1)) {
      throw new IllegalArgumentException(
          "clean: is %s, expected a share from 0 to less than 1".formatted(clean));
    }
  }

  /// The same for a twin without sight.
  public ReviseSettings blank() {
    return new ReviseSettings(answer, prompt, Images.BLANK, clean);
  }

  /// What a model is asked about a caption.
  String question(String caption) {
    return prompt.replace(CAPTION, caption);
  }
}
