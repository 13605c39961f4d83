package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.data.opened.DataSets;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.Opened;
import dev.eosin.group.Group;
import dev.eosin.group.LocalRanks;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.Scheduled;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ranks share evaluations, and every figure is that of a process alone, bit for bit.
class SharedEvaluationTest {
  private static final int TILES = 20;

  private static final String EVALUATE =
      """
      evaluate=[{type: zero-shot, name: zero, prompts: ["{}."], every: 1 steps, class-scores: true, bootstrap: 20},
       {type: validation, name: pairs, every: 1 steps, bootstrap: 20},
       {type: tile-tasks, name: crc, every: 1 steps, tiles: {path: "%s"}, unreadable: 10 %%,
        tasks: [{type: zero-shot}, {type: knn, k: [1]}], validation: 0 %%, class-scores: true, bootstrap: 20}]
      """;

  @TempDir private Path home;
  private SmallRun run;

  @BeforeEach
  void write() throws IOException {
    run = SmallRun.in(home);
    for (int label = 0; label < 2; label++) {
      Path folder = Files.createDirectories(home.resolve("tiles/" + (label == 0 ? "red" : "blue")));
      for (int tile = 0; tile < TILES / 2; tile++) {
        RandomStream random =
            new RandomKey(5).stream(RandomKey.Purpose.SYNTHETIC_TILE, label, tile);
        var image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        for (int pixel = 0; pixel < 32 * 32; pixel++) {
          int value = random.nextInt(200);
          image.setRGB(pixel % 32, pixel / 32, label == 0 ? value << 16 : value);
        }
        ImageIO.write(image, "png", folder.resolve("t%02d.png".formatted(tile)).toFile());
      }
    }
    Files.writeString(home.resolve("tiles/red/t03.png"), "no picture");
  }

  /// Seven rows a batch of 16 samples and 20 tiles: three batches each.
  private List<Optional<EvaluationReport>> measured(Group group, BooleanSupplier stop)
      throws IOException {
    TrainableRecipe recipe =
        TrainableRecipe.read(
            run.recipe(),
            List.of(
                EVALUATE.formatted(home.resolve("tiles")).replace("\n", " "), "batch.global=7"));
    DataSets data = recipe.experiment().data();
    List<Optional<EvaluationReport>> reports = new ArrayList<>();
    try (Opened opened = recipe.experiment().open(recipe.compute().start(), data, group)) {
      opened.begin();
      for (Scheduled scheduled : opened.evaluations(Extent.WHOLE, stop)) {
        reports.add(scheduled.evaluation().run(0));
      }
    }
    return reports;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void everyRankHasTheFiguresOfAProcessAlone(int ranks) throws Exception {
    List<Optional<EvaluationReport>> alone = measured(Group.ALONE, () -> false);
    assertThat(alone).hasSize(3).allMatch(Optional::isPresent);
    assertThat(alone.get(2).orElseThrow().metrics())
        .containsEntry("tiles", TILES - 1.0)
        .containsEntry("left_out", 1.0)
        .containsKeys("zero-shot.accuracy", "knn.accuracy_low", "knn.recall.red");
    long counted =
        alone.get(0).orElseThrow().confusion().orElseThrow().rows().stream()
            .flatMap(List::stream)
            .mapToLong(Long::longValue)
            .sum();
    assertThat(counted).isEqualTo(16);
    assertThat(alone.get(2).orElseThrow().text())
        .contains("knn.accuracy ")
        .doesNotContain("recall.red");
    for (List<Optional<EvaluationReport>> rank :
        LocalRanks.run(ranks, group -> measured(group, () -> false))) {
      assertThat(rank).isEqualTo(alone);
    }
  }

  @Test
  void oneRankThatIsAskedToStopStopsAll() throws Exception {
    for (List<Optional<EvaluationReport>> rank :
        LocalRanks.run(2, group -> measured(group, () -> group.rank() == 1))) {
      assertThat(rank).allMatch(Optional::isEmpty);
    }
  }
}
