package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.cli.CommandRun;
import dev.eosin.cli.TinyRecipe;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Typed sentences and tiles.
class ScoreCommandTest {
  @TempDir private static Path home;
  private static Path run;
  private static Path first;
  private static Path second;

  @BeforeAll
  static void train() throws IOException {
    TinyRecipe recipe = TinyRecipe.in(home);
    assertThat(recipe.eosin("train")).as(recipe.err()).isZero();
    run = recipe.run;
    first = tile("first.png", 3);
    second = tile("second.png", 200);
  }

  private static Path tile(String name, int seed) throws IOException {
    byte[] pixels = new byte[3 * 32 * 32];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * seed);
    }
    return Files.write(home.resolve(name), Png.encode(new RgbImage(32, 32, pixels)));
  }

  private static CommandRun score(Object... more) {
    List<Object> all = new ArrayList<>(List.of("score", "--model", run, "--device", "cpu"));
    all.addAll(List.of("--threads", 1));
    all.addAll(List.of(more));
    return CommandRun.of(all.toArray());
  }

  @Test
  void sentencesAndTilesAreCompared() throws IOException {
    CommandRun table = score(first, second, "a tile of tumour", "stroma");
    assertThat(table.code()).as(table.err()).isZero();
    assertThat(table.out())
        .contains(first + "\n     cosine  probability\n")
        .containsPattern("(?m)^  [* ] -?0\\.\\d{4} +0\\.\\d{4}  a tile of tumour$")
        .contains("probability: among these 2 sentences (softmax, logit scale 14.")
        .contains("cosines between tiles\n")
        .containsPattern("(?m)^   1\\.0000   -?0\\.\\d{4}  .*first.png$");
    CommandRun json = score("--json", first, second, "a tile of tumour", "stroma");
    JsonNode root = new ObjectMapper().readTree(json.out());
    JsonNode texts = root.path("images").path(0).path("texts");
    double sum =
        texts.path(0).path("probability").asDouble() + texts.path(1).path("probability").asDouble();
    assertThat(sum).isCloseTo(1, within(1e-9));
    assertThat(table.out())
        .contains("%7.4f".formatted(texts.path(1).path("cosine").asDouble()).strip());
    JsonNode between = root.path("images").path(1).path("cosines_with_images");
    assertThat(between.path(1).asDouble()).isCloseTo(1, within(1e-6));
    assertThat(between.path(0).asDouble()).isLessThan(1);
  }

  @Test
  void aSentenceThatComesTwiceHasTwoRows() throws IOException {
    CommandRun json = score("--json", first, "stroma", "mucus", "stroma");
    assertThat(json.code()).as(json.err()).isZero();
    JsonNode texts = new ObjectMapper().readTree(json.out()).path("images").path(0).path("texts");
    assertThat(texts).hasSize(3);
    assertThat(texts.path(2).path("text").asText()).isEqualTo("stroma");
    assertThat(texts.path(2).path("cosine").asDouble())
        .isCloseTo(texts.path(0).path("cosine").asDouble(), within(1e-6));
  }

  @Test
  void aModelOfASigmoidLossGivesEachSentenceItsOwnProbability() throws IOException {
    TinyRecipe recipe = TinyRecipe.in(Files.createDirectories(home.resolve("siglip")));
    recipe.with("precision: fp32", "precision: fp32\nloss: { type: siglip }");
    assertThat(recipe.eosin("train")).as(recipe.err()).isZero();
    CommandRun json =
        CommandRun.of(
            "score", "--json", "--model", recipe.run, "--device", "cpu", first, "stroma", "mucus");
    assertThat(json.code()).as(json.err()).isZero();
    JsonNode root = new ObjectMapper().readTree(json.out());
    double scale = root.path("logit_scale").asDouble();
    double bias = root.path("logit_bias").asDouble();
    assertThat(bias).isNegative();
    for (JsonNode text : root.path("images").path(0).path("texts")) {
      double logit = scale * text.path("cosine").asDouble() + bias;
      assertThat(text.path("probability").asDouble())
          .isCloseTo(1 / (1 + Math.exp(-logit)), within(1e-9));
    }
    CommandRun table =
        CommandRun.of("score", "--model", recipe.run, "--device", "cpu", first, "stroma");
    assertThat(table.out()).contains("probability: of each sentence for itself (sigmoid, ");
  }

  @Test
  void whatIsAloneOrLongIsSaid() {
    CommandRun one = score(first, "stroma");
    assertThat(one.out())
        .contains("a probability needs a second sentence")
        .doesNotContain("  probability\n")
        .doesNotContain("between tiles");
    CommandRun tiles = score(first, second);
    assertThat(tiles.code()).isZero();
    assertThat(tiles.out()).startsWith("cosines between tiles\n");
    CommandRun long_ = score(first, "word ".repeat(30), "stroma");
    assertThat(long_.code()).isZero();
    assertThat(long_.err()).contains("has 32 tokens and is cut to the model's 16");
  }

  @Test
  void whatCannotBeComparedIsSaidInOneLine() {
    Map<String, List<Object>> wrong =
        Map.of(
            "no image was named",
            List.of("stroma", "tumour"),
            "one image alone compares with nothing",
            List.of(first),
            "missing.png: the file does not exist",
            List.of(home.resolve("missing.png"), "stroma"),
            "a sentence is empty",
            List.of(first, " "));
    wrong.forEach(
        (message, arguments) -> {
          CommandRun failed = score(arguments.toArray());
          assertThat(failed.code()).as(message).isNotZero();
          assertThat(failed.err()).contains(message);
        });
    CommandRun average = score(first, "stroma", "--part", "average");
    assertThat(average.code()).isEqualTo(ExitCode.DATA);
    assertThat(average.err()).contains("average");
    CommandRun none = CommandRun.of("score", "--model", home.resolve("no"), first, "stroma");
    assertThat(none.code()).isEqualTo(ExitCode.DATA);
    assertThat(none.err()).contains("no");
  }
}
