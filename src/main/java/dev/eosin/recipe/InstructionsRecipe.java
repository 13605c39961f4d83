package dev.eosin.recipe;

import dev.eosin.caption.LlmSettings;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.instruct.CaptionInstructionSettings;
import dev.eosin.instruct.FewShotSettings;
import dev.eosin.instruct.InstructionSettings;
import dev.eosin.prepare.PreparationSettings;
import java.util.Optional;

/// `kind: instructions`: questions about images with their answers, as CLOVER makes them.
@Named("instructions")
@Doc(
    "Questions about images with their answers, run by `eosin prepare`: made of captions by a"
        + " language model, from templates, by both in given shares, or of the tiles of a few"
        + " slides. Writes instructions.jsonl ({question, answer, path}, one a line, which"
        + " `type: question-set, layout: clover` reads), instructions.json (what came of each way),"
        + " the language model's whole answers and every question that was left out with its reason,"
        + " page.html, rejects.jsonl and funnel.json.")
public record InstructionsRecipe(
    @Doc("Root of all randomness: the same seed gives the same results.") long seed,
    @Doc("What questions are made of, and how.") InstructionSettings instructions,
    @Doc("How rows are worked through.") @OrElse("{}") PreparationSettings work,
    @Doc("Where the results go.") OutputFolder output)
    implements Preparation {
  /// @throws IllegalArgumentException for a budget that cannot be kept
  public InstructionsRecipe {
    try {
      asked(instructions).ifPresent(llm -> llm.checkBudget(work.budget()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("work." + e.getMessage(), e);
    }
  }

  private static Optional<LlmSettings> asked(InstructionSettings settings) {
    return switch (settings) {
      case CaptionInstructionSettings captions -> captions.asks();
      case FewShotSettings _ -> Optional.empty();
    };
  }

  @Override
  public Optional<String> service() {
    return asked(instructions).map(llm -> "instructions.llm");
  }
}
