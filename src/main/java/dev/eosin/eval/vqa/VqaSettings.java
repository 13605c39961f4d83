package dev.eosin.eval.vqa;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Steps;
import dev.eosin.eval.asking.AskingSettings;
import dev.eosin.train.EvaluationSettings;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

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
    @Doc(LABELS_DOC) @OrElse("[]") List<AnswerLabel> labels,
    @Doc("Resamples of pictures for the 95 % intervals; 0 for none.")
        @OrElse("1_000")
        @Range(min = 0, max = 1e6)
        int bootstrap)
    implements AnswerEvaluation {
  /// What the key `labels` says.
  public static final String LABELS_DOC =
      "Of the scorers labels/1 and pa-labels/1: the classes that answers to open questions are read"
          + " for, each a text or { name, synonyms }.";

  /// @throws IllegalArgumentException for a scorer that there is not, and labels that it cannot
  ///   tell apart
  public VqaSettings {
    EvaluationSettings.check(name, every);
    labels = List.copyOf(labels);
    scorers = checked(scorers, labels);
  }

  /// Without labels.
  ///
  /// @throws IllegalArgumentException for a scorer that there is not
  public VqaSettings(
      String name, Steps every, AskingSettings asking, List<String> scorers, int bootstrap) {
    this(name, every, asking, scorers, List.of(), bootstrap);
  }

  /// Refuses no scorers, those that there are not, and labels that nothing reads.
  ///
  /// @throws IllegalArgumentException listing the scorers that there are
  public static List<String> checked(List<String> scorers, List<AnswerLabel> labels) {
    if (scorers.isEmpty()) {
      throw new IllegalArgumentException("scorers: name at least one");
    }
    Scorers all = prefixed("labels", () -> new Scorers(labels));
    prefixed("scorers", () -> all.named(scorers));
    if (!labels.isEmpty() && Collections.disjoint(scorers, Scorers.BY_LABELS)) {
      throw new IllegalArgumentException(
          "labels: no scorer reads answers for them; name labels/1 among scorers, or leave them"
              + " out");
    }
    return List.copyOf(scorers);
  }

  private static <T> T prefixed(String key, Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
    }
  }
}
