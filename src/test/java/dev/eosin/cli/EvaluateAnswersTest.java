package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.config.Steps;
import dev.eosin.eval.answers.Control;
import dev.eosin.eval.asking.Asking;
import dev.eosin.eval.asking.AskingSettings;
import dev.eosin.eval.asking.ToldFacts;
import dev.eosin.eval.asking.ToyQuestions;
import dev.eosin.eval.vqa.Scorers;
import dev.eosin.eval.vqa.VqaEvaluation;
import dev.eosin.eval.vqa.VqaSettings;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateAnswersTest {
  @TempDir private Path home;

  /// The answers of a model that sees, with all its controls.
  private Path answers() throws IOException {
    Path file = home.resolve("answers.jsonl");
    var asking =
        new AskingSettings(
            "{}", List.of(Control.values()), 5, AskingSettings.Choices.LETTERS, 8, 100);
    var settings = new VqaSettings("toy", new Steps(1), asking, Scorers.DEFAULT, 0);
    VqaEvaluation.of(
            settings,
            new ToyQuestions(12, false),
            Optional.of(new ToyQuestions(9, false)),
            ToldFacts::ofOpenQuestions,
            new RandomKey(1))
        .scores(new ToyQuestions.Seer(), file, new TreeMap<>(), Asking.Listener.NONE, () -> false);
    return file;
  }

  private JsonNode json(String file) throws IOException {
    return new ObjectMapper().readTree(home.resolve(file).toFile());
  }

  @Test
  void aFileIsScoredWithoutARecipeAndTheControlsStandBeside() throws IOException {
    CommandRun run = CommandRun.of("evaluate", "--answers", answers());

    assertThat(run.code()).as(run.err()).isZero();
    List<String> lines = run.out().lines().toList();
    assertThat(lines.getFirst())
        .matches("scorer +figure +of +questions +none +other-image +no-image +frequent +told");
    assertThat(lines)
        .anyMatch(
            line -> line.matches("open/1 +open_recall +all +12 +1\\.0000 \\(.*\\) .* 1\\.0000 .*"))
        .anyMatch(line -> line.matches("letters/1 +letters_consistent +all +12 +1\\.0000 .*"))
        .anyMatch(line -> line.matches("closed/1 +closed_accuracy +group=slide-1 +4 +1\\.0000 .*"));
    assertThat(run.err()).contains("the results are in");

    JsonNode json = json("answers.evaluation/evaluation.json");
    assertThat(json.path("inputs").path("answers.sha256").asText()).matches("[0-9a-f]{64}");
    assertThat(json.path("evaluations").path("vqa").path("closed_accuracy").asDouble())
        .isEqualTo(1);
    assertThat(json.path("evaluations").path("vqa").path("open_recall_no_image").asDouble())
        .isEqualTo(1 / 3.0);
    JsonNode score = json.path("details").path("vqa").path("scores").get(0);
    assertThat(score.path("scorer").asText()).isEqualTo("open/1");
    assertThat(score.path("control").asText()).isEqualTo("none");
    assertThat(score.path("pictures").asInt()).isEqualTo(12);

    CommandRun again =
        CommandRun.of(
            "evaluate",
            home.resolve("answers.evaluation/recipe.yaml"),
            "output.dir=" + home.resolve("again"));
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.out()).isEqualTo(run.out());
    assertThat(json("again/evaluation.json")).isEqualTo(json);
  }

  @Test
  void scorersAreNamed() throws IOException {
    CommandRun run =
        CommandRun.of(
            "evaluate",
            "--answers",
            answers(),
            "--scorers",
            "pathvqa-exact/1,rouge-l/1",
            "--out",
            home.resolve("out"));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("pathvqa_exact", "rouge_l_f1").doesNotContain("open_recall");
    assertThat(home.resolve("out/evaluation.json")).exists();
  }

  /// The folder is one that nobody named: what is in it may be what somebody wants to keep.
  @Test
  void resultsThatAreThereAreReplacedWhenAsked() throws IOException {
    Path file = answers();
    CommandRun first = CommandRun.of("evaluate", "--answers", file);
    assertThat(first.code()).as(first.err()).isZero();
    Path results = home.resolve("answers.evaluation/evaluation.json");
    assertThat(first.err()).contains("finished; the results are in " + results);
    Files.writeString(results, "kept");
    CommandRun second = CommandRun.of("evaluate", "--answers", file);
    assertThat(second.code()).isEqualTo(ExitCode.DATA);
    assertThat(second.err())
        .contains(
            "answers.evaluation: has results already; --replace replaces them, --out DIR puts these elsewhere");
    assertThat(results).hasContent("kept");
    CommandRun third = CommandRun.of("evaluate", "--answers", file, "--replace");
    assertThat(third.code()).as(third.err()).isZero();
    assertThat(Files.readString(results)).contains("closed_accuracy");
    refused(
        "a recipe says output.dir, scorers and labels, and replaces results",
        "recipe.yaml",
        "--replace");
  }

  @Test
  void labelsAreReadOutOfAnswers() throws IOException {
    Path file = answers();
    CommandRun run =
        CommandRun.of("evaluate", "--answers", file, "--labels", "red=crimson|scarlet,green,blue");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("labels_macro_f1", "right label by line, named label by column")
        .doesNotContain("open_recall");
    JsonNode json = json("answers.evaluation/evaluation.json");
    assertThat(json.path("evaluations").path("vqa").path("labels_accuracy").asDouble())
        .isEqualTo(1);
    JsonNode confusion = json.path("details").path("vqa").path("confusions").get(0);
    assertThat(confusion.path("labels").get(0).path("named_as").toString())
        .isEqualTo("[4,0,0,0,0]");

    CommandRun again =
        CommandRun.of(
            "evaluate",
            home.resolve("answers.evaluation/recipe.yaml"),
            "output.dir=" + home.resolve("again"));
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(json("again/evaluation.json")).isEqualTo(json);

    refused(
        "'labels/1' reads answers for labels",
        "--answers",
        file,
        "--replace",
        "--scorers",
        "labels/1");
    refused(
        "expected by labels/1 one of the labels [red]",
        "--answers",
        file,
        "--replace",
        "--labels",
        "red");
  }

  /// Ten answers to four cases, judged by hand: seven are right; of the three cases that were asked
  /// under every rotation one is right under all.
  @Test
  void choicesAreScoredOverTheRotationsOfTheirOptions() {
    CommandRun run =
        CommandRun.of(
            "evaluate",
            "--answers",
            "src/test/resources/answers/choices.jsonl",
            "--out",
            home.resolve("choices"));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines())
        .anyMatch(line -> line.matches("letters/1 +letters_accuracy +all +4 +0\\.7000 \\(.*"))
        .anyMatch(line -> line.matches("letters/1 +letters_consistent +all +4 +0\\.3333 \\(.*"))
        .contains(
            "none: 2 of 10 answers count as wrong for letters/1: each names no option",
            "none: 1 of 4 choices were not asked under every rotation, and are left out of"
                + " consistency");
  }

  @Test
  void whatIsWrongIsSaidInALineAndNothingIsWritten() throws IOException {
    Path file = answers();
    List<String> rows = Files.readAllLines(file);
    Path bad = home.resolve("bad.jsonl");
    Files.writeString(
        bad, rows.get(0) + "\n" + rows.get(1).replace("\"closed\"", "\"shut\"") + "\n");
    CommandRun run = CommandRun.of("evaluate", "--answers", bad);
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err())
        .contains("bad.jsonl: line 2: field 'type' is \"shut\", expected open, closed");
    assertThat(home.resolve("bad.evaluation")).doesNotExist();

    refused("there is no scorer 'open/9'", "--answers", file, "--scorers", "open/9");
    refused("a RECIPE is missing, or --answers FILE");
    refused("--answers takes no recipe", "--answers", file, "recipe.yaml");
    refused("are for --answers", "recipe.yaml", "--scorers", "open/1");
  }

  private static void refused(String message, Object... arguments) {
    Object[] all = new Object[arguments.length + 1];
    all[0] = "evaluate";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    CommandRun run = CommandRun.of(all);
    assertThat(run.code()).isNotZero();
    assertThat(run.err()).contains(message);
  }
}
