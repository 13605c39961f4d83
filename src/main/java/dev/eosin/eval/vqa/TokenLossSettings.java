package dev.eosin.eval.vqa;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Steps;
import dev.eosin.train.EvaluationSettings;

/// `type: loss`: how well held-out rows are predicted.
@Named("loss")
@Doc(
    "The mean cross entropy of the tokens that data.validation asks for, and its exponential, the perplexity.")
public record TokenLossSettings(
    @Doc("Names the evaluation in logs.") @OrElse("validation") String name,
    @Doc("How often; also before the first update and after the last.") Steps every)
    implements AnswerEvaluation {
  public TokenLossSettings {
    EvaluationSettings.check(name, every);
  }
}
