package dev.eosin.recipe;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.eval.vqa.VqaSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// `kind: vqa-evaluation`: what answers to questions about pictures are worth.
@Named("vqa-evaluation")
@Doc(
    "Scores of answers to questions about pictures, run by `eosin evaluate`: by type, fact and group, with intervals over pictures, each beside its controls. Writes evaluation.json.")
public record VqaEvaluationRecipe(
    @Doc("Root of all randomness: the same seed gives the same intervals.") @OrElse("42") long seed,
    @Doc("Whose answers are scored.") AnswersFrom answers,
    @Doc("Rules that judge the answers, each with its version; docs/formats.md says what they do.")
        @OrElse("[open/1, closed/1, letters/1]")
        List<String> scorers,
    @Doc("Resamples of pictures for the 95 % intervals; 0 for none.")
        @OrElse("1_000")
        @Range(min = 0, max = 1e6)
        int bootstrap,
    @Doc("Where the results go.") OutputFolder output)
    implements Evaluation {
  private static final long SEED = 42;
  private static final int RESAMPLES = 1_000;

  /// @throws IllegalArgumentException for a scorer that there is not
  public VqaEvaluationRecipe {
    scorers = VqaSettings.checked(scorers);
  }

  /// What scores a file of answers without a recipe.
  ///
  /// @param out where the results go
  /// @throws IllegalArgumentException for a scorer that there is not
  public static VqaEvaluationRecipe ofFile(Path answers, List<String> scorers, Path out) {
    return new VqaEvaluationRecipe(
        SEED, new AnswersFrom.File(answers), scorers, RESAMPLES, new OutputFolder(out));
  }

  @Override
  public OpenedEvaluation open() throws IOException {
    return switch (answers) {
      case AnswersFrom.File(Path path) -> OpenedVqaEvaluation.ofFile(this, path);
    };
  }
}
