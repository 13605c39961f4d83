package dev.eosin.eval.vqa;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Steps;
import dev.eosin.eval.asking.AskingSettings;
import dev.eosin.train.EvaluationSettings;
import java.util.List;

/// `type: vqa`: answers to questions about pictures.
@Named("vqa")
@Doc(
    "Answers to questions about pictures, scored; beside every score that of another picture, no picture, the most frequent training answer, and the facts told in words.")
public record VqaSettings(
    @Doc("Names the evaluation in logs.") @OrElse("vqa") String name,
    @Doc("How often; also before the first update and after the last.") Steps every,
    @Doc("How the model is asked.") @OrElse("{}") AskingSettings asking,
    @Doc("Rules that judge the answers, each with its version.")
        @OrElse("[open/1, closed/1, letters/1]")
        List<String> scorers,
    @Doc("Resamples of pictures for the 95 % intervals; 0 for none.")
        @OrElse("1_000")
        @Range(min = 0, max = 1e6)
        int bootstrap)
    implements AnswerEvaluation {
  /// @throws IllegalArgumentException for a scorer that there is not
  public VqaSettings {
    EvaluationSettings.check(name, every);
    scorers = checked(scorers);
  }

  /// Refuses no scorers, and those that there are not.
  ///
  /// @throws IllegalArgumentException listing those that there are
  public static List<String> checked(List<String> scorers) {
    if (scorers.isEmpty()) {
      throw new IllegalArgumentException("scorers: name at least one");
    }
    try {
      new Scorers().named(scorers);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("scorers: " + e.getMessage(), e);
    }
    return List.copyOf(scorers);
  }
}
