package dev.eosin.revise;

import dev.eosin.caption.LlmSettings;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.List;
import java.util.Optional;

/// The key `degrade` of `kind: degrade`.
@Doc("Which captions are degraded, and how.")
public record DegradeSettings(
    @Doc("The captions.") CaptionTable captions,
    @Doc(
            "Words that exclude each other: pathology, drawn-findings (of type: synthetic, facts:"
                + " independent, says: findings), lc25000, or a file .yaml of the same form.")
        @OrElse("pathology")
        String lexicon,
    @Doc(
            "The share of rows that are left as they are, so that a model learns to leave a right"
                + " caption alone.")
        @OrElse("0.3333333333333333")
        @Range(min = 0, max = 1)
        double clean,
    @Doc("What is done to the others.") @OrElse("{}") OperationShares operations,
    @Doc("A language model that chooses the words; without it rules do.")
        Optional<LlmDegrading> llm) {
  /// A language model that degrades captions.
  @Doc(
      "A language model that degrades captions. Which operations a caption gets is drawn as without"
          + " it; nothing keeps the words that it chooses as frequent as they were, and the"
          + " statistics say how well they give degraded captions away.")
  public record LlmDegrading(
      @Doc("The language model.") LlmSettings service,
      @Doc("What it is told before every caption.") @OrElse("\"" + DegradePrompt.TOLD + "\"")
          String prompt) {
    /// @throws IllegalArgumentException for an empty prompt, and what would be said twice
    public LlmDegrading {
      if (prompt.isBlank()) {
        throw new IllegalArgumentException("prompt: is empty, expected what the model is to do");
      }
      if (service.system().isPresent() || !service.examples().isEmpty()) {
        throw new IllegalArgumentException(
            "service.system: what the model is told is prompt here, and there are no examples");
      }
    }

    /// What the service is asked for, with what the model is told.
    public LlmSettings asked() {
      return service.told(prompt, List.of());
    }
  }
}
