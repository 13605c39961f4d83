package dev.eosin.eval.vqa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.config.Steps;
import dev.eosin.eval.answers.AnswersFile;
import dev.eosin.eval.answers.Control;
import dev.eosin.eval.asking.Asking;
import dev.eosin.eval.asking.AskingSettings;
import dev.eosin.eval.asking.ToldFacts;
import dev.eosin.eval.asking.ToyQuestions;
import dev.eosin.group.Group;
import dev.eosin.random.RandomKey;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.Scheduled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A model that sees is right by its pictures and by nothing else.
class VqaEvaluationTest {
  private static final RandomKey KEY = new RandomKey(5);

  @TempDir private Path folder;

  private static VqaSettings settings(List<String> scorers) {
    var asking =
        new AskingSettings(
            "{}", List.of(Control.values()), 5, AskingSettings.Choices.LETTERS, 8, 64);
    return new VqaSettings("colours", new Steps(10), asking, scorers, 200);
  }

  private static VqaEvaluation evaluation(List<String> scorers) throws DataException {
    return VqaEvaluation.of(
        settings(scorers),
        new ToyQuestions(18, false),
        Optional.of(new ToyQuestions(9, false)),
        ToldFacts::ofOpenQuestions,
        KEY);
  }

  @Test
  void whoSeesIsRightAndTheControlsAreAtChance() throws IOException {
    Scheduled scheduled =
        evaluation(Scorers.DEFAULT)
            .scheduled(new Steps(20), ToyQuestions.Seer::new, () -> false, Group.ALONE);
    assertThat(scheduled.score()).hasValue("open_recall");
    assertThat(scheduled.cadence().due(10)).isTrue();

    EvaluationReport report = scheduled.evaluation().run(10).orElseThrow();

    Map<String, Double> metrics = report.metrics();
    for (String figure :
        List.of("open_recall", "closed_accuracy", "letters_accuracy", "letters_consistent")) {
      assertThat(metrics).containsEntry(figure, 1.0).containsEntry(figure + "_told", 1.0);
      assertThat(metrics).containsEntry(figure + "_low", 1.0);
      assertThat(metrics).containsEntry(figure + "_of_colour", 1.0);
      assertThat(metrics.get(figure + "_other_image")).as(figure).isLessThan(0.7);
      assertThat(metrics.get(figure + "_no_image")).as(figure).isLessThan(0.7);
      assertThat(metrics.get(figure + "_frequent")).as(figure).isLessThan(0.7);
    }
    assertThat(metrics.get("open_recall_no_image")).isEqualTo(1 / 3.0);
    assertThat(metrics).containsEntry("empty_answers", 0.0).containsEntry("unread_answers", 0.0);
    assertThat(report.text()).contains("open_recall 1.0000 (1.0000-1.0000)");
  }

  @Test
  void inAFileItIsTheSameAndMayBeScoredAgain() throws IOException {
    VqaEvaluation evaluation = evaluation(List.of("open/1", "closed/1"));
    Path file = folder.resolve("answers.jsonl");
    VqaScores inMemory =
        evaluation.scores(new ToyQuestions.Seer(), Asking.Listener.NONE, () -> false).orElseThrow();
    VqaScores inFile =
        evaluation
            .scores(
                new ToyQuestions.Seer(),
                file,
                new TreeMap<>(Map.of("model", "toy")),
                Asking.Listener.NONE,
                () -> false)
            .orElseThrow();
    assertThat(inFile)
        .usingRecursiveComparison()
        .withEqualsForType(Double::equals, Double.class)
        .isEqualTo(inMemory);
    assertThat(
            VqaScores.of(
                "file",
                AnswersFile.read(file).rows(),
                new Scorers().named(List.of("open/1", "closed/1")),
                KEY,
                200))
        .usingRecursiveComparison()
        .withEqualsForType(Double::equals, Double.class)
        .isEqualTo(inMemory);
    assertThat(evaluation.summary())
        .isEqualTo(
            "colours: 54 questions, 810 answers with the controls; scored by open/1, closed/1");
  }

  @Test
  void whoStopsItGetsNothing() throws IOException {
    Scheduled scheduled =
        evaluation(Scorers.DEFAULT)
            .scheduled(new Steps(20), ToyQuestions.Seer::new, () -> true, Group.ALONE);
    assertThat(scheduled.evaluation().run(0)).isEmpty();
  }

  @Test
  void whatCannotBeScoredIsRefusedBeforeAnythingIsAsked() {
    assertThatThrownBy(() -> settings(List.of("open/7")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("scorers: there is no scorer 'open/7'");
    assertThatThrownBy(() -> settings(List.of()))
        .hasMessageContaining("scorers: name at least one");
    assertThatThrownBy(
            () -> new AskingSettings("no", List.of(), 5, AskingSettings.Choices.LETTERS, 8, 64))
        .hasMessageContaining("prompt: 'no' has no {}");
  }
}
