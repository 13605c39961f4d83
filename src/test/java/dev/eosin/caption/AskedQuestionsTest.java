package dev.eosin.caption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.AnswersFile;
import dev.eosin.eval.answers.Control;
import dev.eosin.eval.asking.AskingPlan;
import dev.eosin.eval.asking.AskingSettings;
import dev.eosin.eval.asking.FrequentAnswers;
import dev.eosin.eval.asking.QuestionSet;
import dev.eosin.eval.asking.ToldFacts;
import dev.eosin.eval.asking.ToyQuestions;
import dev.eosin.prepare.PreparationReport.End;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A service is asked as any model is, and nothing that it was paid for is asked again.
class AskedQuestionsTest {
  private static final long SEED = 5;
  private static final String LEDGER = "ledger.jsonl";

  @TempDir private Path folder;

  private static AskingPlan plan() throws IOException {
    QuestionSet questions = QuestionSet.of("questions", new ToyQuestions(3, false));
    var settings =
        new AskingSettings(
            "Look. {}",
            List.of(Control.FREQUENT, Control.TOLD),
            1,
            AskingSettings.Choices.LETTERS,
            8,
            4);
    return new AskingPlan(
        questions,
        settings,
        new RandomKey(SEED),
        Optional.of(FrequentAnswers.of(new ToyQuestions(4, false))),
        ToldFacts.ofOpenQuestions(questions));
  }

  private static End run(Path into, MisbehavingService service, Limits budget) throws IOException {
    LlmSettings settings = LlmFixture.settings(3);
    try (var client =
        new LlmClient(
            settings,
            service.endpoint(LlmFixture.KEY),
            LlmFixture.patience(4, 20_000),
            InstantSource.system())) {
      var work = new PreparationSettings(3, Failed.OPEN, 50, budget);
      return new PreparationRun(into, new AskedQuestions(plan(), settings, client), work, SEED)
          .run(progress -> {}, () -> false)
          .end();
    }
  }

  @Test
  void everyPlannedAnswerIsInTheFileInItsOrder() throws IOException {
    try (MisbehavingService service = MisbehavingService.start()) {
      assertThat(run(folder, service, Limits.NONE)).isEqualTo(End.FINISHED);
      List<AnswerRow> rows = AnswersFile.read(folder.resolve(AskedQuestions.ANSWERS)).rows();
      assertThat(rows.stream().map(AnswerRow::key))
          .containsExactlyElementsOf(plan().answers().stream().map(p -> p.row().key()).toList());
      assertThat(rows)
          .filteredOn(row -> row.control() == Control.NONE)
          .isNotEmpty()
          .allMatch(row -> row.image().isPresent());
      assertThat(rows)
          .filteredOn(row -> row.control() == Control.FREQUENT && row.type() == Kind.OPEN)
          .isNotEmpty()
          .allMatch(row -> row.answer().equals("red"));
      // What is frequent needs no service.
      assertThat(service.seen())
          .hasSize((int) rows.stream().filter(r -> r.control() != Control.FREQUENT).count());
    }
  }

  @Test
  void whatWasPaidForIsNotAskedAgainAfterAKillOrASpentBudget() throws IOException {
    try (MisbehavingService whole = MisbehavingService.start();
        MisbehavingService service = MisbehavingService.start()) {
      Path reference = folder.resolve("whole");
      assertThat(run(reference, whole, Limits.NONE)).isEqualTo(End.FINISHED);
      Path killed = Files.createDirectory(folder.resolve("killed"));
      var few = new Limits(Optional.of(4L), Optional.empty(), Optional.empty(), Optional.empty());
      assertThat(run(killed, service, few)).isEqualTo(End.BUDGET_SPENT);
      assertThat(killed.resolve(AskedQuestions.ANSWERS)).doesNotExist();
      assertThat(service.seen()).hasSize(4);
      assertThat(run(killed, service, Limits.NONE)).isEqualTo(End.FINISHED);
      assertThat(service.seen()).hasSameSizeAs(whole.seen());
      assertThat(killed.resolve(AskedQuestions.ANSWERS))
          .hasSameBinaryContentAs(reference.resolve(AskedQuestions.ANSWERS));
      assertThat(run(killed, service, Limits.NONE)).isEqualTo(End.UNCHANGED);
      assertThat(Files.readString(killed.resolve(LEDGER)))
          .contains("asking.prompt", "llm.model")
          .doesNotContain(LlmFixture.KEY);
    }
  }
}
