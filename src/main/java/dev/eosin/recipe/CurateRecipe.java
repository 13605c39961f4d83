package dev.eosin.recipe;

import dev.eosin.caption.AgentBy;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.curate.steps.CurationStep;
import dev.eosin.curate.steps.JudgedStep;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.train.machine.ComputeSettings;
import java.util.Optional;

/// `kind: curate`: rows of images and captions, through a list of steps.
@Named("curate")
@Doc(
    "Curation by a list of steps, run by `eosin prepare`: each row goes through the steps in their"
        + " order until one leaves it out. Writes the rows that are left (pairs.parquet,"
        + " pairs-00000.tar or pairs.jsonl), manifest.json (which a training checks), page.html"
        + " (what each step left out, with pictures), rejects.jsonl and funnel.json.")
public record CurateRecipe(
    @Doc("Root of all randomness; curation draws nothing.") @OrElse("42") long seed,
    @Doc(
            "The device and its threads, for steps that compare embeddings or ask a model of this"
                + " machine.")
        @OrElse("{}")
        ComputeSettings compute,
    @Doc("The rows, the steps, and how rows are written.") CurationSettings curate,
    @Doc("How rows are worked through.") @OrElse("{}") PreparationSettings work,
    @Doc("Where the results go.") OutputFolder output)
    implements Preparation {
  /// @throws IllegalArgumentException for a budget that cannot be kept
  public CurateRecipe {
    for (CurationStep step : curate.steps()) {
      if (step instanceof JudgedStep judged) {
        judged.by().checkBudget(work.budget());
      }
    }
  }

  @Override
  public Optional<String> service() {
    boolean asked =
        curate.steps().stream()
            .anyMatch(
                step ->
                    step instanceof JudgedStep judged && judged.by() instanceof AgentBy.Service);
    return asked ? Optional.of("curate.steps, judged.by") : Optional.empty();
  }
}
