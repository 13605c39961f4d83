package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.group.LocalRanks;
import dev.eosin.recipe.Evaluation;
import dev.eosin.run.Evaluations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `fine-tune` of tiles of three colours.
class FineTuningTest {
  @TempDir private static Path shared;
  @TempDir private Path home;

  private static ColouredTiles tiles;

  @BeforeAll
  static void trainAndDraw() throws IOException {
    tiles = ColouredTiles.in(shared);
  }

  private static String tasks(String shares, String rates) {
    return "tasks: [{ type: fine-tune, shares: [%s], lrs: [%s], batch: 8, epochs: 3, runs: 2 }]"
        .formatted(shares, rates);
  }

  @Test
  void aTowerLearnsFromSharesAndASecondRunGivesTheSameBytes() throws IOException {
    String tasks = tasks("10 %, 100 %", "1e-7, 3e-3");
    CommandRun run = tiles.evaluate(home, tiles.table(), tasks);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err() + run.out()).contains("fine-tune-10%: run 2 of 2, rate 1.0e-07, epoch 3");
    JsonNode results = ColouredTiles.results(home);
    JsonNode details = results.path("details");
    for (String of : new String[] {"fine-tune-100%", "random-weights/fine-tune-100%"}) {
      assertThat(results.path("evaluations").path(of).path("accuracy").asDouble())
          .as(of)
          .isGreaterThan(0.9);
      assertThat(details.path(of).path("version").asText()).isEqualTo("fine-tune/1");
    }
    JsonNode runs = details.path("fine-tune-100%").path("runs");
    assertThat(runs).hasSize(2);
    for (JsonNode each : runs) {
      assertThat(each.path("lr").asDouble())
          .as("what learns nothing is not chosen")
          .isEqualTo(3e-3);
      assertThat(each.path("validation_f1_weighted").asDouble()).isGreaterThan(0.9);
    }
    JsonNode few = details.path("fine-tune-10%").path("runs").get(0);
    assertThat(few.path("train").asInt()).as("one tile of each class").isEqualTo(3);
    assertThat(few.path("validation").asInt()).isBetween(1, 3);
    assertThat(details.path("fine-tune-100%").path("runs").get(0).path("train").asInt())
        .isGreaterThan(18);

    byte[] json = Files.readAllBytes(home.resolve("out/evaluation.json"));
    assertThat(tiles.evaluate(home, tiles.table(), tasks).code()).isZero();
    assertThat(home.resolve("out/evaluation.json")).hasBinaryContent(json);
  }

  /// Stops an evaluation as soon as its third training begins.
  private static Optional<Path> stopped(Evaluation recipe, List<String> told) throws IOException {
    var listener = new Evaluations.Listener(note -> {}, result -> {}, told::add);
    return Evaluations.run(
        recipe,
        "0",
        listener,
        () -> told.stream().filter(line -> line.contains("epoch 1 of 3")).count() > 2);
  }

  @Test
  void whatIsStoppedGoesOnToTheSameBytesAndTrainsNothingTwice() throws IOException {
    String tasks = tasks("100 %", "1e-4, 3e-3");
    assertThat(tiles.evaluate(home, tiles.table(), tasks).code()).isZero();
    byte[] undisturbed = Files.readAllBytes(home.resolve("out/evaluation.json"));
    Path part = home.resolve("out/fine-tuning.part");
    assertThat(part).as("nothing is left of what only a stopped call needs").doesNotExist();

    Evaluation recipe = Evaluation.read(home.resolve("recipe.yaml"), List.of());
    assertThat(stopped(recipe, new ArrayList<>())).isEmpty();
    List<Path> kept = files(part);
    assertThat(kept).hasSize(2);
    CommandRun goesOn = tiles.evaluate(home, tiles.table(), tasks);
    assertThat(goesOn.err().lines().filter(line -> line.contains("by an earlier call"))).hasSize(2);
    assertThat(home.resolve("out/evaluation.json")).hasBinaryContent(undisturbed);

    // A file that is cut is trained again; other epochs take nothing.
    assertThat(stopped(recipe, new ArrayList<>())).isEmpty();
    byte[] whole = Files.readAllBytes(kept.getFirst());
    Files.write(kept.getFirst(), Arrays.copyOf(whole, whole.length / 2));
    CommandRun other = tiles.evaluate(home, tiles.table(), tasks, "tasks.0.epochs=2");
    assertThat(other.code()).as(other.err()).isZero();
    assertThat(other.err()).doesNotContain("by an earlier call");
    assertThat(stopped(recipe, new ArrayList<>())).isEmpty();
    Files.write(kept.getFirst(), Arrays.copyOf(whole, whole.length / 2));
    CommandRun cut = tiles.evaluate(home, tiles.table(), tasks);
    assertThat(cut.err().lines().filter(line -> line.contains("by an earlier call"))).hasSize(1);
    assertThat(home.resolve("out/evaluation.json")).hasBinaryContent(undisturbed);
  }

  /// Four trainings choose and two are judged. One rank is asked to stop when four are kept.
  @Test
  void aStudyThatWasStoppedOnTwoRanksGoesOnOnThree() throws Exception {
    String tasks = tasks("100 %", "1e-4, 3e-3");
    assertThat(tiles.evaluate(home, tiles.table(), tasks, "random-weights=false").code()).isZero();
    byte[] undisturbed = Files.readAllBytes(home.resolve("out/evaluation.json"));
    Path part = home.resolve("out/fine-tuning.part");
    Evaluation recipe =
        Evaluation.read(home.resolve("recipe.yaml"), List.of("random-weights=false"));
    List<Boolean> stopped =
        LocalRanks.run(
            2,
            group ->
                EvaluationOnRanks.measured(
                        recipe,
                        group,
                        () ->
                            group.rank() == 1
                                && part.toFile().list() instanceof String[] kept
                                && kept.length >= 4)
                    .isEmpty());
    assertThat(stopped).containsExactly(true, true);
    assertThat(files(part)).hasSizeGreaterThanOrEqualTo(4);
    LocalRanks.run(
        3, group -> EvaluationOnRanks.measured(recipe, group, () -> false).orElseThrow());
    assertThat(part).doesNotExist();
    assertThat(
            new ObjectMapper()
                .readTree(home.resolve("out/evaluation.json").toFile())
                .path("evaluations"))
        .isEqualTo(new ObjectMapper().readTree(undisturbed).path("evaluations"));
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      return found.sorted().toList();
    }
  }

  @Test
  void tilesThatCannotBeReadAreLeftOutOfTheTrainingToo() throws IOException {
    Path folders = tiles.folders(home);
    Files.writeString(folders.resolve("green_tissue/t03.png"), "no image");
    CommandRun run =
        tiles.evaluate(
            home,
            folders.toString(),
            tasks("100 %", "3e-3"),
            "unreadable=\"5 %\"",
            "random-weights=false");
    assertThat(run.code()).as(run.err()).isZero();
    // The classes behind the broken tile would be shifted by one otherwise.
    assertThat(
            ColouredTiles.results(home)
                .path("evaluations")
                .path("fine-tune-100%")
                .path("accuracy")
                .asDouble())
        .isGreaterThan(0.9);
  }

  @Test
  void aRateThatDivergesIsPassedOverAndRefusedAlone() throws IOException {
    CommandRun both =
        tiles.evaluate(home, tiles.table(), tasks("100 %", "1e30, 3e-3"), "random-weights=false");
    assertThat(both.code()).as(both.err()).isZero();
    assertThat(
            ColouredTiles.results(home)
                .path("details")
                .path("fine-tune-100%")
                .path("runs")
                .get(0)
                .path("lr")
                .asDouble())
        .isEqualTo(3e-3);
    CommandRun alone =
        tiles.evaluate(home, tiles.table(), tasks("100 %", "1e30"), "random-weights=false");
    assertThat(alone.code()).isNotZero();
    assertThat(alone.err())
        .contains("fine-tune-100%: the loss is not finite with a learning rate of [1.0E30]");
  }

  @Test
  void whatCannotBeTrainedOnIsRefusedBeforeAnythingIsRead() throws IOException {
    CommandRun stored =
        tiles.evaluate(
            home,
            tiles.table(),
            tasks("100 %", "1e-3"),
            "features={type: embeddings, path: nowhere.parquet}");
    assertThat(stored.code()).isNotZero();
    assertThat(stored.err()).contains("stored features are without it");
    CommandRun narrow =
        tiles.evaluate(home, tiles.table(), tasks("100 %", "1e-3"), "features.precision=fp16");
    assertThat(narrow.err()).contains("fine-tune keeps no loss scale");
    CommandRun nothing = tiles.evaluate(home, tiles.table(), tasks("0 %", "1e-3"));
    assertThat(nothing.err()).contains("nothing is learnt from a share of nothing");
    CommandRun none =
        tiles.evaluate(home, tiles.table(), tasks("100 %", "1e-3, 1e-4"), "validation=\"0 %\"");
    assertThat(none.err()).contains("fine-tune-100% chooses on validation tiles");
  }
}
