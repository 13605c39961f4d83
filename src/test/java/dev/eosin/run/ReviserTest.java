package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.config.RecipeException;
import dev.eosin.eval.revision.RevisionFile;
import dev.eosin.eval.revision.RevisionRow;
import dev.eosin.eval.revision.ShownImage;
import dev.eosin.group.Group;
import dev.eosin.group.LocalRanks;
import dev.eosin.language.RandomModel;
import dev.eosin.recipe.Evaluation;
import dev.eosin.recipe.stored.StoredAnswerers;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.revise.CaptionReviser;
import dev.eosin.run.folders.RunFolder;
import dev.eosin.train.logs.RunLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A tiny model that learns to revise captions, its twin on blank images, and their evaluation.
class ReviserTest {
  private static final String EVALUATION =
      """
      kind: revise-evaluation
      compute: { device: cpu, threads: 1 }
      answers: { type: language-model, path: "%s" }
      captions: { type: synthetic, facts: independent, says: findings, split: validation, samples: 6, tile: 32 px }
      revise: { answer: text, prompt: "{caption}" }
      asking: { controls: [other-image, no-image], other-images: 2, most-tokens: 3 }
      bootstrap: 20
      output: { dir: "%s" }
      """;

  private static final String SHORT = "{ answer: text, prompt: \"{caption}\" }";
  private static final String BLANK =
      "revise={ answer: text, prompt: \"{caption}\", images: blank }";

  @TempDir private static Path home;
  private static Path recipe;

  @BeforeAll
  static void models() throws IOException {
    Path decoder = home.resolve("decoder");
    RandomModel.write(decoder, 512);
    SmallRun clip = SmallRun.in(home.resolve("clip"));
    clip.train("schedule.length=1 steps", "evaluate=[]");
    recipe = home.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        VisionLanguageFamilyTest.RECIPE
            .replace("says: questions", "says: findings")
            .replace("length: 256", "length: 448")
            .formatted(clip.folder(), decoder, home.resolve("run")));
    train("model", "revise=" + SHORT);
    train("twin", BLANK);
  }

  private static void train(String folder, String... more) throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of(
                "output.dir=\"%s\"".formatted(home.resolve(folder)),
                "schedule.length=2 steps",
                "evaluate=[]"));
    all.addAll(Arrays.asList(more));
    var settings = TrainableRecipe.read(recipe, all);
    try (RunFolder run = RunFolder.open(settings.output().dir(), false)) {
      run.changes(recipe, settings.resolved());
      new Run(settings, run, "test", () -> false)
          .run(
              (place, start, data) ->
                  new SmallRun.Notes()
                      .beside(RunLog.open(place.log(), start.step(), start.lastEvaluatedStep())));
    }
  }

  private static Evaluation evaluation(String folder, String... overrides) throws IOException {
    Path file = home.resolve(folder + ".yaml");
    Files.writeString(file, EVALUATION.formatted(home.resolve("model"), home.resolve(folder)));
    return Evaluation.read(file, List.of(overrides));
  }

  private static String twin(String folder) {
    return "twin=\"%s\"".formatted(home.resolve(folder));
  }

  private static Path measured(Evaluation recipe) throws IOException {
    return measured(recipe, Group.ALONE);
  }

  private static Path measured(Evaluation recipe, Group group) throws IOException {
    var listener = new Evaluations.Listener(note -> {}, result -> {}, progress -> {});
    return Evaluations.run(recipe, "test", listener, () -> false, group).orElseThrow();
  }

  @Test
  void ranksShareWhatIsAskedAndWriteTheFilesOfAProcessAlone() throws Exception {
    String describer = "describer=\"%s\"".formatted(home.resolve("model"));
    measured(evaluation("alone", twin("twin"), describer));
    Evaluation shared = evaluation("shared", twin("twin"), describer);
    LocalRanks.run(3, group -> measured(shared, group));
    for (String file :
        List.of("evaluation.json", "answers.jsonl", "described.jsonl", "twin-answers.jsonl")) {
      assertThat(home.resolve("shared").resolve(file))
          .hasSameBinaryContentAs(home.resolve("alone").resolve(file));
    }
  }

  private static String weights(String folder) throws IOException {
    Checkpoint newest =
        new CheckpointStore(home.resolve(folder).resolve("checkpoints"), 1, "")
            .newestSound(Checkpoint.Use.MODEL)
            .checkpoint()
            .orElseThrow();
    return newest.sha256(Checkpoint.MODEL);
  }

  @Test
  void theTwinLearnsWithoutSight() throws IOException {
    assertThat(weights("twin")).isNotEqualTo(weights("model"));
  }

  @Test
  void whatAServerAsksIsWhatItWasTrainedWith() throws IOException {
    CaptionReviser reviser = StoredAnswerers.reviser(home.resolve("model")).orElseThrow();
    assertThat(reviser.question("a blue cell")).isEqualTo("a blue cell");
    assertThat(reviser.revised("a blue cell", " a red cell ").orElseThrow().caption())
        .isEqualTo("a red cell");
    assertThat(StoredAnswerers.reviser(home.resolve("clip/run"))).isEmpty();
    assertThat(StoredAnswerers.reviser(home.resolve("decoder"))).isEmpty();
  }

  @Test
  void everyCaptionIsAskedUnderEachControlAndScoredAlikeFromItsFile() throws IOException {
    Path results =
        measured(
            evaluation(
                "evaluated", twin("twin"), "describer=\"%s\"".formatted(home.resolve("model"))));
    Path answers = home.resolve("evaluated/answers.jsonl");
    List<RevisionRow> rows = RevisionFile.read(answers);
    Map<ShownImage, Long> counts =
        rows.stream().collect(Collectors.groupingBy(RevisionRow::control, Collectors.counting()));
    assertThat(counts)
        .isEqualTo(
            Map.of(
                ShownImage.NONE, 6L,
                ShownImage.OTHER_IMAGE, 12L,
                ShownImage.NO_IMAGE, 6L,
                ShownImage.TWIN, 6L));
    assertThat(rows).allMatch(row -> row.degraded() != row.corrupted().equals(row.target()));
    assertThat(rows).allMatch(row -> row.image().isPresent());
    var json = new ObjectMapper();
    List<String> described = Files.readAllLines(home.resolve("evaluated/described.jsonl"));
    assertThat(described).hasSize(6);
    assertThat(json.readTree(described.getFirst()).path("id").asText())
        .isEqualTo(rows.getFirst().id());
    var scores = json.readTree(results.toFile()).path("details").path("revise").path("scores");
    assertThat(scores.findValuesAsText("of"))
        .contains("none", "other-image", "no-image", "twin", "copy-input", "always-edit");

    Path again =
        measured(
            evaluation(
                "again",
                "answers={ type: file, path: \"%s\" }".formatted(answers),
                "captions=null"));
    assertThat(json.readTree(again.toFile()).path("details"))
        .isEqualTo(json.readTree(results.toFile()).path("details"));
  }

  @Test
  void whatWasTrainedOtherwiseIsRefused() throws IOException {
    Evaluation asksOtherwise = evaluation("other", "revise.answer=edits");
    assertThatThrownBy(() -> measured(asksOtherwise))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("answer or prompt is another");
    Evaluation sees = evaluation("seeing", twin("model"));
    assertThatThrownBy(() -> measured(sees))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("lacks images: blank");
    train("longer", BLANK, "schedule.length=3 steps");
    Evaluation unlike = evaluation("unlike", twin("longer"));
    assertThatThrownBy(() -> measured(unlike))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("in other steps or on other data");
  }
}
