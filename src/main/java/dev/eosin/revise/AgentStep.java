package dev.eosin.revise;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.Locale;

/// How one step of the chain is asked for.
public record AgentStep(
    @Doc("What is asked; {caption} stands for what the step before said.") String prompt,
    @Doc("Tokens of the answer at most.") @OrElse("256") @Range(min = 1) int mostTokens,
    @Doc(
            "text: the answer is the caption. edits: it is a JSON list of edits, which are applied"
                + " to what the step before said; for the step that revises.")
        @OrElse("text")
        Form answers) {
  /// The place of what the step before said.
  static final String CAPTION = "{caption}";

  /// The prompt for describing, in Eosin's words; what it asks for is PathGen's.
  public static final String DESCRIBE =
      "Describe what this tile of a stained tissue section shows: the tissue and its architecture,"
          + " the cells with their nuclei and cytoplasm, the stroma, and what is abnormal. Say only"
          + " what can be seen.";

  /// The prompt for revising.
  public static final String REVISE =
      "This caption of the tile may have mistakes: wrong words, statements that do not hold, or"
          + " something important left out. Answer with the right caption and nothing else; a right"
          + " one stays as it is. Caption: {caption}";

  /// The prompt for summarising.
  public static final String SUMMARISE =
      "Shorten this caption of a pathology image to at most 45 words. Keep what says most about the"
          + " tissue and its changes; leave out introductions, guesses and advice. Answer with the"
          + " short caption and nothing else. Caption: {caption}";

  /// How the answer is read.
  public enum Form {
    TEXT,
    EDITS;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// @throws IllegalArgumentException for an empty prompt
  public AgentStep {
    if (prompt.isBlank()) {
      throw new IllegalArgumentException("prompt: is empty, expected what the model is to do");
    }
  }

  String asked(String caption) {
    return prompt.replace(CAPTION, caption);
  }
}
