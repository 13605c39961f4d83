package dev.eosin.recipe;

import dev.eosin.caption.AgentBy;
import dev.eosin.captioning.CaptionSettings;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.train.machine.ComputeSettings;
import java.util.Optional;

/// `kind: captions`: texts that a language model writes, one answer a row.
@Named("captions")
@Doc(
    "Texts that a language model writes of rows, run by `eosin prepare`: images described, captions"
        + " enhanced or shortened, attributes of kinds of cancer, findings of reports. Answers are"
        + " validated, and asked for again where they are of no use. Writes captions.jsonl (each row"
        + " with its new caption), or attributes.csv and findings.csv (texts with their group, which"
        + " `eosin embed --texts` reads), answers.jsonl (every answer, word for word), captions.json"
        + " (refusals, boilerplate and other answers of no use, counted), page.html, rejects.jsonl"
        + " and funnel.json.")
public record CaptionsRecipe(
    @Doc("Root of all randomness; captions draw nothing.") @OrElse("42") long seed,
    @Doc("The device and its threads, for models of this machine.") @OrElse("{}")
        ComputeSettings compute,
    @Doc("The rows, what is asked, and which answers are of use.") CaptionSettings captions,
    @Doc("Who answers.") AgentBy by,
    @Doc("How rows are worked through.") @OrElse("{}") PreparationSettings work,
    @Doc("Where the results go.") OutputFolder output)
    implements Preparation {
  /// @throws IllegalArgumentException for a budget that cannot be kept
  public CaptionsRecipe {
    by.checkBudget(work.budget());
  }

  @Override
  public Optional<String> service() {
    return by instanceof AgentBy.Service ? Optional.of("by") : Optional.empty();
  }
}
