package dev.eosin.recipe;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.revise.DegradeSettings;
import java.util.Optional;

/// `kind: degrade`: captions with known mistakes, for models that revise.
@Named("degrade")
@Doc(
    "Captions with known mistakes, run by `eosin prepare`: of good captions terms become others,"
        + " statements are put in or left out, and a share stays as it is, by rules or by a"
        + " language model. Writes degraded.jsonl (id, image, corrupted, operations, target),"
        + " degraded.json (how often each operation, and whether words alone give degraded captions"
        + " away), degraded.html (examples with their edits in colour), page.html, rejects.jsonl"
        + " and funnel.json.")
public record DegradeRecipe(
    @Doc("Root of all randomness: the same seed gives the same results.") long seed,
    @Doc("Which captions are degraded, and how.") DegradeSettings degrade,
    @Doc("How rows are worked through.") @OrElse("{}") PreparationSettings work,
    @Doc("Where the results go.") OutputFolder output)
    implements Preparation {
  /// @throws IllegalArgumentException for a budget that cannot be kept
  public DegradeRecipe {
    try {
      degrade.llm().ifPresent(llm -> llm.service().checkBudget(work.budget()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("work." + e.getMessage(), e);
    }
  }

  @Override
  public Optional<String> service() {
    return degrade.llm().map(llm -> "degrade.llm");
  }
}
