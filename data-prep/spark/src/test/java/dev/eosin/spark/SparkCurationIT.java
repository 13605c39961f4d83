package dev.eosin.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.prepare.Funnel;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.recipe.CurateRecipe;
import dev.eosin.recipe.Recipe;
import dev.eosin.recipe.prepared.OpenedPreparations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The same list of steps in one process and on a cluster.
class SparkCurationIT {
  private static final int ROWS = 1500;
  private static final List<String> FILES =
      List.of("manifest.json", "page.html", "rejects.jsonl", "funnel.json");
  private static final String STEPS =
      """
          - { type: clean }
          - { type: questions }
          - { type: words, min: 3 }
          - { type: language }
          - { type: most-liked, parent: parent, likes: likes, keywords: [carcinoma, gland*] }
          - { type: similar-captions, at-least: 60 % }
          - { type: images, min-side: 32 px }
          - { type: duplicates, by: pair }
          - { type: groups, by: [patient], images: false }
          - { type: leaks, order: [test, train], by: [caption, group] }
      """;

  @TempDir private Path folder;

  private Path recipe = Path.of("");

  @BeforeEach
  void write() throws IOException {
    MadeRows.write(folder, ROWS);
    recipe = recipe(STEPS, "webdataset");
  }

  private Path recipe(String steps, String format) throws IOException {
    return Files.writeString(
        folder.resolve("recipe.yaml"),
        """
        kind: curate
        curate:
          table: %s
          images: %s
          columns: { key: id, split: split }
          format: %s
          steps:
        %s
        output: { dir: %s }
        """
            .formatted(
                folder.resolve("rows.jsonl"),
                folder.resolve("images"),
                format,
                steps,
                folder.resolve("out")));
  }

  private CurateRecipe read(String out) {
    return (CurateRecipe)
        Recipe.read(recipe, List.of("output.dir=" + folder.resolve(out), "work.parallel=2"));
  }

  private PreparationReport embedded() throws DataException {
    CurateRecipe list = read("embedded");
    try (RowPreparation preparation = OpenedPreparations.open(list)) {
      return new PreparationRun(list.folder(), preparation, list.work(), list.seed())
          .run(progress -> {}, () -> false);
    }
  }

  private Funnel spark(String out, String master, int seconds, Consumer<String> tell)
      throws DataException {
    Path jars = Path.of(System.getProperty("eosin.spark.target"), "executors");
    var settings =
        new Cluster.Settings(
            master,
            jars,
            "512m",
            Duration.ofSeconds(seconds),
            Map.of("spark.driver.host", "127.0.0.1"));
    return new SparkCuration(read(out), settings, 200, tell).run();
  }

  private void requireSameFiles(String out) throws IOException {
    List<String> names = new ArrayList<>(FILES);
    try (var files = Files.list(folder.resolve("embedded"))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("pairs"))
          .forEach(names::add);
    }
    assertThat(names).hasSizeGreaterThan(FILES.size());
    for (String name : names) {
      assertThat(folder.resolve(out).resolve(name))
          .as(name)
          .hasSameBinaryContentAs(folder.resolve("embedded").resolve(name));
    }
    assertThat(folder.resolve(out).resolve(Spool.NAME)).doesNotExist();
  }

  @Test
  void twoWorkersOfWhichBothAreKilledOneAfterTheOtherGiveTheSameBytes()
      throws IOException, InterruptedException {
    PreparationReport expected = embedded();
    assertThat(expected.funnel().rejected().values())
        .filteredOn(count -> count > 0)
        .hasSizeGreaterThan(5);
    try (LocalCluster cluster = new LocalCluster(folder)) {
      Process first = cluster.addWorker();
      Process second = cluster.addWorker();
      List<String> killed = new ArrayList<>();
      Funnel funnel =
          spark(
              "spark",
              cluster.url(),
              300,
              line -> {
                try {
                  if (line.contains("similar-captions")) {
                    Thread.ofVirtual().start(() -> killSoon(first, killed));
                    cluster.addWorker();
                  }
                  if (line.contains("groups")) {
                    LocalCluster.kill(second);
                    killed.add("second");
                  }
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      assertThat(killed).containsExactly("first", "second");
      assertThat(first.isAlive()).isFalse();
      assertThat(second.isAlive()).isFalse();
      assertThat(funnel).isEqualTo(expected.funnel());
    }
    requireSameFiles("spark");
  }

  private static void killSoon(Process worker, List<String> killed) {
    try {
      Thread.sleep(500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    killed.add("first");
    LocalCluster.kill(worker);
  }

  @Test
  void picturesAndChainsOfLikeRowsAreJudgedAsInOneProcess() throws IOException {
    recipe =
        recipe(
            """
                - { type: clean }
                - { type: similar-captions, at-least: 50 %, run: 1 }
                - { type: images, min-side: 32 px }
                - { type: duplicates, by: picture }
            """,
            "jsonl");
    embedded();
    spark("spark", "local[2]", 60, line -> {});
    requireSameFiles("spark");
  }

  @Test
  void anUnreachableMasterIsFoundBeforeAnyWork() {
    assertThatThrownBy(() -> spark("spark", "spark://127.0.0.1:1", 5, line -> {}))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no master answers (127.0.0.1:1: Connection refused)");
    assertThat(folder.resolve("spark")).doesNotExist();
  }

  @Test
  void whatCannotBeSpreadOrIsThereAlreadyIsRefused() throws IOException {
    embedded();
    assertThatThrownBy(() -> spark("embedded", "local[1]", 5, line -> {}))
        .hasMessageContaining("was begun by 'eosin prepare', which goes on there");
    recipe =
        recipe(
            "    - { type: judged, at: caption, prompt: 'Good? {caption}', by: { type: service,"
                + " llm: { model: m } } }",
            "jsonl");
    assertThatThrownBy(() -> spark("judged", "local[1]", 5, line -> {}))
        .hasMessageContaining("judged-caption asks a model");
  }

  @Test
  void aRowThatLacksAFieldIsNamed() throws IOException {
    recipe = recipe("    - { type: most-liked, parent: answers, likes: likes }", "jsonl");
    assertThatThrownBy(() -> spark("spark", "local[1]", 5, line -> {}))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("rows.jsonl: line ")
        .hasMessageContaining("field 'answers' is missing");
    assertThat(folder.resolve("spark/" + Spool.NAME)).doesNotExist();
  }

  @Test
  void aMasterWithoutWorkersIsNotWaitedForEndlessly() throws IOException, InterruptedException {
    try (LocalCluster cluster = new LocalCluster(folder)) {
      assertThatThrownBy(() -> spark("spark", cluster.url(), 3, line -> {}))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("no executor for 3 s; start workers with at least 512m of memory");
    }
  }

  @Test
  void aMachineThatDoesNotSeeTheFilesIsNamed() throws IOException {
    String text = read("spark").resolved().text();
    Shared shared = new Shared(text, List.of(), folder.resolve("elsewhere.png").toString(), 1);
    assertThatThrownBy(shared::curation)
        .hasMessageContaining("does not see " + folder.resolve("elsewhere.png"));
    Spool spool = new Spool(folder.resolve("nowhere"), 1, 1);
    assertThatThrownBy(() -> spool.read(0))
        .hasMessageContaining("output.dir has to be on a file system that all machines share");
  }
}
