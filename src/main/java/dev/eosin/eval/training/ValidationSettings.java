package dev.eosin.eval.training;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Steps;
import dev.eosin.train.EvaluationSettings;

/// `type: validation`: how well held-out pairs are told apart.
@Doc(
    "How well images and captions of data.validation find each other: recall at 1, 5 and 10, mean and median rank over the whole set, as open_clip has them; a caption that equals an image's own counts as right. And the loss, within batches of batch.global pairs in a fixed random order.")
public record ValidationSettings(
    @Doc("Names the evaluation in logs.") @OrElse("validation") String name,
    @Doc("How often; also before the first update and after the last.") Steps every,
    @Doc("Resamples of pairs for the 95 % intervals of recall; 0 for none.")
        @OrElse("0")
        @Range(min = 0, max = 1e6)
        int bootstrap)
    implements EmbeddingEvaluation {
  public ValidationSettings {
    EvaluationSettings.check(name, every);
  }

  /// Without intervals.
  public ValidationSettings(String name, Steps every) {
    this(name, every, 0);
  }
}
