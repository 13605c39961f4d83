package dev.eosin.curate.steps;

import dev.eosin.caption.AgentBy;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;

/// PA-LLaVA's cleaning: a model judges image or caption.
@Named("judged")
@Doc(
    "Asks a model a question about each row and leaves out those that it answers otherwise, as"
        + " PA-LLaVA has one model judge images and one captions. Asked are all rows that the steps"
        + " before it keep that look at one row alone, also those that a step such as duplicates"
        + " leaves out: put it into a recipe of its own, behind such steps.")
public record JudgedStep(
    @Doc("What it looks at; images need { type: images } before it.") Sight at,
    @Doc("A question that yes or no answers; {caption} stands for the caption.") String prompt,
    @Doc("The answer of rows that are kept.") @OrElse("yes") Verdict keep,
    @Doc("Who judges.") AgentBy by,
    @Doc("Tokens of an answer at most.") @OrElse("16") @Range(min = 1) int mostTokens,
    @Doc(
            "How often a row is asked about until the answer is yes or no; it is left out without one.")
        @OrElse("2")
        @Range(min = 1, max = 10)
        int attempts)
    implements CurationStep {
  /// What is looked at.
  public enum Sight {
    IMAGE,
    CAPTION,
    BOTH
  }

  /// An answer.
  public enum Verdict {
    YES,
    NO
  }

  /// @throws IllegalArgumentException for captions that are not in the question
  public JudgedStep {
    if (at != Sight.IMAGE && !prompt.contains("{caption}")) {
      throw new IllegalArgumentException("prompt: has no {caption}, which is to be judged");
    }
  }

  /// Whether it is shown images.
  public boolean looks() {
    return at != Sight.CAPTION;
  }
}
