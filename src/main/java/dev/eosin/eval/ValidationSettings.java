package dev.eosin.eval;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Steps;

/// `type: validation`: how well held-out pairs are told apart.
@Doc("Loss and recall at 1, 5 and 10 within batches of data.validation.")
public record ValidationSettings(
    @Doc("Names the evaluation in logs.") @OrElse("validation") String name,
    @Doc("How often; also before the first update and after the last.") Steps every)
    implements EvaluationSettings {
  public ValidationSettings {
    EvaluationSettings.check(name, every);
  }
}
