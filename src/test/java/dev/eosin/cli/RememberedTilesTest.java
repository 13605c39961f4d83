package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.SmallRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Evaluations of tiles that were embedded before: by `embed`, by an evaluation, into a file.
class RememberedTilesTest {
  private static final String TASKS =
      "random-weights: false\nprompts: [\"{}.\"]\ntasks: [{ type: zero-shot }, { type: knn, k: [1] }]\nvalidation: 0 %";

  private static final int ALL = 3 * ColouredTiles.EACH;

  @TempDir private static Path shared;
  @TempDir private Path home;

  private static ColouredTiles tiles;
  private static Path folders;
  private static Path other;

  @BeforeAll
  static void trainTwo() throws IOException {
    tiles = ColouredTiles.in(shared);
    folders = tiles.folders(shared);
    SmallRun another = SmallRun.in(shared.resolve("other"));
    another.train("seed=8");
    other = another.folder();
  }

  private CommandRun evaluate(String... overrides) throws IOException {
    CommandRun run = tiles.evaluate(home, folders.toString(), TASKS, overrides);
    assertThat(run.code()).as(run.err()).isZero();
    return run;
  }

  private byte[] results() throws IOException {
    return Files.readAllBytes(home.resolve("out/evaluation.json"));
  }

  private String[] remembering(Path model) {
    return new String[] {
      "features.path=" + model, "features.remember=true", "features.cache=" + home.resolve("cache")
    };
  }

  @Test
  void aTileIsEmbeddedOnceAndNeverTakenForThatOfAnotherModelOrFile() throws IOException {
    evaluate();
    byte[] alone = results();
    CommandRun embedded =
        CommandRun.of(
            "embed",
            "--model",
            tiles.model(),
            "--images",
            folders,
            "--out",
            home.resolve("e.npy"),
            "--cache",
            home.resolve("cache"),
            "--device",
            "cpu",
            "--threads",
            "1");
    assertThat(embedded.code()).as(embedded.err()).isZero();
    CommandRun run = evaluate(remembering(tiles.model()));
    assertThat(run.err()).contains("%d of %d tiles had been embedded before".formatted(ALL, ALL));
    assertThat(evaluations(results())).isEqualTo(evaluations(alone));
    assertThat(inputs(results())).isEqualTo(inputs(alone));

    evaluate("features.path=" + other);
    byte[] others = results();
    CommandRun first = evaluate(remembering(other));
    assertThat(first.err()).doesNotContain("had been embedded before");
    assertThat(inputs(results())).isEqualTo(inputs(others));
    assertThat(inputs(others)).isNotEqualTo(inputs(alone));
    assertThat(evaluate(remembering(other)).err()).contains("had been embedded before");
  }

  @Test
  void aTileThatChangedIsEmbeddedAgain() throws IOException {
    Path changed = folders.resolve("red_tissue/t00.png");
    byte[] before = Files.readAllBytes(changed);
    evaluate(remembering(tiles.model()));
    String seen = inputs(results()).path("model.images.sha256").asText();
    try {
      Files.copy(
          folders.resolve("blue_tissue/t03.png"), changed, StandardCopyOption.REPLACE_EXISTING);
      CommandRun run = evaluate(remembering(tiles.model()));
      assertThat(run.err()).contains("had been embedded before");
      assertThat(inputs(results()).path("model.images.sha256").asText()).isNotEqualTo(seen);
      byte[] remembered = results();
      evaluate();
      assertThat(evaluations(remembered)).isEqualTo(evaluations(results()));
      assertThat(inputs(remembered)).isEqualTo(inputs(results()));
      Files.writeString(changed, "no picture");
      run = evaluate(with(remembering(tiles.model()), "unreadable=5 %"));
      assertThat(run.err()).contains("1 of %d images cannot be read".formatted(ALL));
    } finally {
      Files.write(changed, before);
    }
  }

  @Test
  void promptsAreEmbeddedByTheModelThatMadeTheFeatures() throws IOException {
    evaluate();
    JsonNode ofModel = evaluations(results());
    Path file = home.resolve("tiles.parquet");
    CommandRun embedded =
        CommandRun.of(
            "embed",
            "--model",
            tiles.model(),
            "--images",
            folders,
            "--out",
            file,
            "--no-cache",
            "--threads",
            "1");
    assertThat(embedded.code()).as(embedded.err()).isZero();
    Path out = home.resolve("stored");
    Path recipe = home.resolve("stored.yaml");
    Files.writeString(
        recipe,
        """
        kind: tile-evaluation
        compute: { device: cpu, threads: 1 }
        features: { type: embeddings, path: "%s" }
        prompts-by: { path: "%s" }
        bootstrap: 40
        output: { dir: "%s" }
        %s
        """
            .formatted(file, tiles.model(), out, TASKS));
    CommandRun run = CommandRun.of("evaluate", recipe);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(evaluations(Files.readAllBytes(out.resolve("evaluation.json")))).isEqualTo(ofModel);

    CommandRun another = CommandRun.of("evaluate", recipe, "prompts-by.path=" + other);
    assertThat(another.code()).isEqualTo(ExitCode.DATA);
    assertThat(another.err()).contains("is another model than the one that made " + file);
    assertThat(CommandRun.of("evaluate", recipe, "tasks=[{type: knn}]").err())
        .contains("no task asks by prompts");

    CommandRun byHand =
        CommandRun.of(
            "evaluate",
            "--model",
            tiles.model(),
            "--features",
            file,
            "--out",
            home.resolve("hand"));
    assertThat(byHand.code()).as(byHand.err()).isZero();
    JsonNode found = evaluations(Files.readAllBytes(home.resolve("hand/evaluation.json")));
    assertThat(found.path("zero-shot").path("accuracy").isNumber()).isTrue();
    assertThat(found.has("linear-probe")).isTrue();
  }

  private static String[] with(String[] some, String more) {
    String[] all = Arrays.copyOf(some, some.length + 1);
    all[some.length] = more;
    return all;
  }

  private static JsonNode evaluations(byte[] results) throws IOException {
    return new ObjectMapper().readTree(results).path("evaluations");
  }

  private static JsonNode inputs(byte[] results) throws IOException {
    return new ObjectMapper().readTree(results).path("inputs");
  }
}
