package dev.eosin.recipe.evaluated;

import dev.eosin.caption.AskedQuestions;
import dev.eosin.caption.LlmClient;
import dev.eosin.caption.LlmEndpoint;
import dev.eosin.config.DataException;
import dev.eosin.eval.answers.AnswersFile;
import dev.eosin.eval.vqa.VqaEvaluation;
import dev.eosin.eval.vqa.VqaScores;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.recipe.VqaEvaluationRecipe;
import dev.eosin.recipe.found.AnswersFrom;
import dev.eosin.recipe.found.OpenedEvaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// A service that is asked, with a ledger of what it was paid for.
record AskedService(VqaEvaluationRecipe recipe, AnswersFrom.Service settings, LlmClient client)
    implements AskedVqaEvaluation.Asked {
  private static final String LEDGER = "ledger.jsonl";

  /// @throws DataException when the environment names no service, or the folder has other answers
  static AskedService open(VqaEvaluationRecipe recipe, AnswersFrom.Service settings)
      throws DataException {
    Path answers = recipe.folder().resolve(AskedQuestions.ANSWERS);
    if (Files.exists(answers) && !Files.exists(recipe.folder().resolve(LEDGER))) {
      throw new DataException(
          "%s: are the answers of something else than a service; choose another output.dir"
              .formatted(answers));
    }
    var client = new LlmClient(settings.llm(), LlmEndpoint.of(System.getenv()));
    return new AskedService(recipe, settings, client);
  }

  @Override
  public SequencedMap<String, String> inputs() {
    return new LinkedHashMap<>(settings.llm().pins());
  }

  @Override
  public List<String> notes() {
    return List.of();
  }

  @Override
  public Optional<VqaScores> scores(VqaEvaluation evaluation, OpenedEvaluation.Watch watch)
      throws IOException {
    var asked = new AskedQuestions(evaluation.plan(), settings.llm(), client);
    PreparationReport report =
        new PreparationRun(recipe.folder(), asked, settings.work(), recipe.seed())
            .run(progress -> watch.progress().accept(progress.text()), watch.stop());
    report.notes().forEach(watch.progress());
    return switch (report.end()) {
      case FINISHED, UNCHANGED -> {
        Path answers = recipe.folder().resolve(AskedQuestions.ANSWERS);
        yield Optional.of(evaluation.scores(AnswersFile.read(answers).rows()));
      }
      case STOPPED -> Optional.empty();
      case BUDGET_SPENT -> throw unfinished("the budget is spent", report);
      case ROWS_OPEN -> throw unfinished("the service had no answer to some questions", report);
      case FAILING -> throw unfinished("the service had no answer too often in a row", report);
    };
  }

  private DataException unfinished(String why, PreparationReport report) {
    return new DataException(
        "%s: %s; %d of %d answers are open, what was answered is kept, and the same command goes on"
            .formatted(recipe.folder(), why, report.funnel().open(), report.funnel().rows()));
  }

  @Override
  public void close() {
    client.close();
  }
}
