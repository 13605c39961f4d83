package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.cli.CommandRun;
import dev.eosin.cli.TinyRecipe;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// From tiles to an index, and what is found in it.
class SearchCommandTest {
  @TempDir private static Path home;
  private static Path run;
  private static Path tiles;
  private static Path index;

  @BeforeAll
  static void embed() throws IOException {
    TinyRecipe recipe = TinyRecipe.in(home);
    assertThat(recipe.eosin("train")).as(recipe.err()).isZero();
    run = recipe.run;
    tiles = home.resolve("tiles");
    for (int i = 0; i < 9; i++) {
      Path file = tiles.resolve(i % 2 == 0 ? "stroma" : "tumour").resolve("t%d.png".formatted(i));
      Files.createDirectories(file.resolveSibling(""));
      byte[] pixels = new byte[3 * 32 * 32];
      for (int at = 0; at < pixels.length; at++) {
        pixels[at] = (byte) (at * (i + 1) + at / 80);
      }
      Files.write(file, Png.encode(new RgbImage(32, 32, pixels)));
    }
    Path embeddings = home.resolve("e.parquet");
    run("embed", "--model", run, "--images", tiles, "--out", embeddings, "--no-cache");
    index = home.resolve("e.index");
    CommandRun built = CommandRun.of("index", embeddings, "--out", index);
    assertThat(built.code()).as(built.err()).isZero();
    assertThat(built.err())
        .contains("finished; 9 embeddings of 16 numbers are in " + index + ", for an exact scan");
    CommandRun graphed =
        CommandRun.of("index", embeddings, "--out", home.resolve("g.index"), "--kind", "hnsw");
    assertThat(graphed.code()).as(graphed.err()).isZero();
    assertThat(graphed.err()).contains("with a graph");
  }

  private static void run(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--device", "cpu", "--threads", 1));
    CommandRun done = CommandRun.of(all.toArray());
    assertThat(done.code()).as(done.err()).isZero();
  }

  private static CommandRun search(Path where, Object... more) {
    List<Object> all = new ArrayList<>(List.of("search", where));
    all.addAll(List.of(more));
    all.addAll(List.of("--model", run, "--device", "cpu", "--threads", 1));
    return CommandRun.of(all.toArray());
  }

  @Test
  void aTileFindsItselfAndATextFindsTiles() throws IOException {
    Path tile = tiles.resolve("tumour/t3.png");
    Path sheet = home.resolve("found.png");
    CommandRun found = search(index, tile, "a tile of stroma", "--top", 3, "--sheet", sheet);
    assertThat(found.code()).as(found.err()).isZero();
    assertThat(found.out())
        .startsWith(tile + "\n    1   1.0000  tumour/t3.png  tumour\n    2  ")
        .contains("\na tile of stroma\n    1  ");
    assertThat(found.out().lines()).hasSize(8);
    assertThat(found.err()).contains("the sheet is in " + sheet);
    BufferedImage picture = ImageIO.read(sheet.toFile());
    assertThat(picture.getWidth()).isEqualTo(4 * (168 + 8) + 8);
    // The query and what it found first are one tile.
    for (int at = 0; at < 168; at += 20) {
      assertThat(picture.getRGB(8 + at, 8 + at)).isEqualTo(picture.getRGB(8 + 176 + at, 8 + at));
    }
    CommandRun json = search(index, tile, "a tile of stroma", "--top", 3, "--json");
    JsonNode root = new ObjectMapper().readTree(json.out());
    assertThat(root.path("approximate").asBoolean()).isFalse();
    JsonNode first = root.path("queries").path(0).path("found").path(0);
    assertThat(first.path("path").asText()).isEqualTo("tumour/t3.png");
    CommandRun graph = search(home.resolve("g.index"), tile, "a tile of stroma", "--top", 3);
    assertThat(graph.out().lines().map(line -> line.replaceFirst("  [-.0-9]+  ", "")))
        .containsExactlyElementsOf(
            found.out().lines().map(line -> line.replaceFirst("  [-.0-9]+  ", "")).toList());
    CommandRun exact = search(home.resolve("g.index"), tile, "a tile of stroma", "--exact");
    assertThat(exact.out().lines()).hasSize(2 * 10);
  }

  @Test
  void tilesThatAreGoneAreGreyAndSaid() throws IOException {
    Path copy = Files.createDirectories(home.resolve("copy/stroma"));
    Files.copy(tiles.resolve("stroma/t0.png"), copy.resolve("t0.png"));
    CommandRun found =
        search(
            index,
            tiles.resolve("stroma/t0.png"),
            "--sheet",
            home.resolve("gone.png"),
            "--images",
            home.resolve("copy"),
            "--top",
            2);
    assertThat(found.code()).as(found.err()).isZero();
    assertThat(found.err()).contains("it is grey in the sheet");
  }

  @Test
  void anotherModelsEmbeddingsAreRefused() throws IOException {
    TinyRecipe other = TinyRecipe.in(Files.createDirectories(home.resolve("other")));
    other.with("seed: 7", "seed: 8");
    assertThat(other.eosin("train")).as(other.err()).isZero();
    CommandRun refused =
        CommandRun.of("search", index, "stroma", "--model", other.run, "--device", "cpu");
    assertThat(refused.code()).isEqualTo(ExitCode.DATA);
    assertThat(refused.err())
        .contains("was made of another model than " + other.run + ": model.sha256 was ")
        .containsPattern(" was [0-9a-f]{12}\\.\\.\\. and is [0-9a-f]{12}\\.\\.\\.\n");
  }

  @Test
  void whatCannotBeDoneIsSaidInOneLine() {
    Map<String, List<Object>> wrong =
        Map.of(
            "--top is at least 1",
            List.of(index, "stroma", "--top", 0),
            "--breadth is of a graph, and the index has none",
            List.of(index, "stroma", "--breadth", 50),
            "--images is for --sheet",
            List.of(index, "stroma", "--images", tiles),
            "is no index; 'eosin index EMBEDDINGS --out DIR' makes one",
            List.of(tiles, "stroma"),
            "missing.png: the file does not exist",
            List.of(index, home.resolve("missing.png")));
    wrong.forEach(
        (message, arguments) -> {
          List<Object> all = new ArrayList<>(List.of("search"));
          all.addAll(arguments);
          all.addAll(List.of("--model", run, "--device", "cpu", "--threads", 1));
          CommandRun failed = CommandRun.of(all.toArray());
          assertThat(failed.code()).as(message).isNotZero();
          assertThat(failed.err()).contains(message);
        });
    CommandRun none =
        CommandRun.of("index", home.resolve("no.parquet"), "--out", home.resolve("x"));
    assertThat(none.code()).isEqualTo(ExitCode.DATA);
    assertThat(none.err()).contains("no.parquet: no such file");
  }
}
