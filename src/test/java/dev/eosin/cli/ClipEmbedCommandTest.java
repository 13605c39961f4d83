package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.data.parquet.VectorTable;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Embeddings of a trained model, of images and texts, in every format.
class ClipEmbedCommandTest {
  @TempDir private static Path models;
  private static Path run;

  @TempDir private Path home;
  private Path tiles;
  private Path cache;

  @BeforeAll
  static void train() throws IOException {
    TinyRecipe recipe = TinyRecipe.in(models);
    assertThat(recipe.eosin("train")).as(recipe.err()).isZero();
    run = recipe.run;
  }

  @BeforeEach
  void prepare() throws IOException {
    tiles = home.resolve("tiles");
    cache = home.resolve("cache");
    for (int i = 0; i < 6; i++) {
      tile(tiles.resolve(i % 2 == 0 ? "stroma" : "tumour").resolve("t%d.png".formatted(i)), i + 1);
    }
  }

  private static void tile(Path file, int seed) throws IOException {
    Files.createDirectories(file.resolveSibling(""));
    byte[] pixels = new byte[3 * 40 * 30];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * seed + i / 90);
    }
    Files.write(file, Png.encode(new RgbImage(40, 30, pixels)));
  }

  private CommandRun embed(Object... more) {
    List<Object> all = new ArrayList<>(List.of("embed", "--model", run, "--device", "cpu"));
    all.addAll(List.of("--threads", 1));
    all.addAll(List.of(more));
    if (!all.contains("--batch")) {
      all.addAll(List.of("--batch", 4));
    }
    return CommandRun.of(all.toArray());
  }

  private CommandRun embedded(Path out, Object... more) {
    List<Object> all = new ArrayList<>(List.of("--images", tiles, "--out", out, "--cache", cache));
    all.addAll(List.of(more));
    CommandRun done = embed(all.toArray());
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.err()).contains("finished; the embeddings of 6 rows are in " + out);
    assertThat(home.resolve(out.getFileName() + ".part")).doesNotExist();
    return done;
  }

  private static float[][] vectors(Path file) throws IOException {
    try (StoredEmbeddings stored = StoredEmbeddings.open(file, Optional.empty())) {
      return stored.vectors();
    }
  }

  @Test
  void everyFormatHoldsTheSameUnitVectorsAndRows() throws IOException {
    float[][] first = null;
    List<ActivationRow> rows = null;
    for (String name : List.of("e.parquet", "e.safetensors", "e.npz", "e.npy")) {
      Path out = home.resolve(name);
      embedded(out);
      try (StoredEmbeddings stored = StoredEmbeddings.open(out, Optional.empty())) {
        assertThat(stored.width()).isEqualTo(16);
        float[][] found = stored.vectors();
        first = first == null ? found : first;
        rows = rows == null ? stored.rows() : rows;
        assertThat(found).isDeepEqualTo(first);
        assertThat(stored.rows()).isEqualTo(rows);
        assertThat(stored.pins())
            .containsEntry("normalised", "to length 1")
            .containsEntry("embeds", "images")
            .containsKeys("model.sha256", "preprocessing", "architecture");
        assertThat(stored.metadata()).containsKey("fingerprint");
      }
    }
    assertThat(rows)
        .extracting(row -> row.path() + " " + row.label().orElseThrow())
        .containsExactly(
            "stroma/t0.png stroma",
            "stroma/t2.png stroma",
            "stroma/t4.png stroma",
            "tumour/t1.png tumour",
            "tumour/t3.png tumour",
            "tumour/t5.png tumour");
    assertThat(Objects.requireNonNull(rows).getFirst().sha256().orElseThrow()).hasSize(64);
    for (float[] vector : Objects.requireNonNull(first)) {
      double squares = 0;
      for (float value : vector) {
        squares += value * value;
      }
      assertThat(squares).isCloseTo(1, within(1e-5));
    }
    assertThat(Objects.requireNonNull(first)[0]).isNotEqualTo(first[1]);
    Path half = home.resolve("half.npy");
    embedded(half, "--type", "fp16");
    float[][] rounded = vectors(half);
    assertThat(rounded[2][3]).isEqualTo(Float.float16ToFloat(Float.floatToFloat16(first[2][3])));
  }

  @Test
  void nothingIsEmbeddedTwiceAndNothingWronglyReused() throws IOException {
    embedded(home.resolve("a.parquet"));
    byte[] before = Files.readAllBytes(home.resolve("a.parquet"));
    float[][] first = vectors(home.resolve("a.parquet"));
    // The same file again, then another of the same images: neither computes anything.
    assertThat(embedded(home.resolve("a.parquet")).err()).contains("is there already");
    assertThat(home.resolve("a.parquet")).hasBinaryContent(before);
    embedded(home.resolve("b.parquet"));
    assertThat(home.resolve("b.parquet")).hasBinaryContent(before);
    // A cache that holds another vector shows that it is what was taken.
    try (var folders = Files.list(cache)) {
      Path vectors = folders.toList().getFirst().resolve("vectors");
      assertThat(Files.size(vectors)).isEqualTo(6 * 16 * 4);
      byte[] bytes = Files.readAllBytes(vectors);
      bytes[5] ^= 1;
      Files.write(vectors, bytes);
    }
    // ... but not where it is damaged.
    embedded(home.resolve("c.parquet"));
    assertThat(vectors(home.resolve("c.parquet"))).isDeepEqualTo(first);
    // A changed image is embedded anew, in the same file too.
    tile(tiles.resolve("stroma/t2.png"), 99);
    CommandRun changed = embedded(home.resolve("a.parquet"));
    assertThat(changed.err()).contains("row 1, stroma/t2.png, has changed since");
    float[][] now = vectors(home.resolve("a.parquet"));
    assertThat(now[1]).isNotEqualTo(first[1]);
    assertThat(now[0]).isEqualTo(first[0]);
    // The same weights in another's layout are prepared in another way.
    Path converted = home.resolve("hf");
    CommandRun conversion = CommandRun.of("convert", run, converted, "--to", "hugging-face");
    assertThat(conversion.code()).as(conversion.err()).isZero();
    CommandRun refused = embedWith(converted, home.resolve("a.parquet"));
    assertThat(refused.code()).isEqualTo(ExitCode.DATA);
    assertThat(refused.err()).contains("a.parquet: is there already, made otherwise: ");
    CommandRun anew = embedWith(converted, home.resolve("d.parquet"));
    assertThat(anew.code()).as(anew.err()).isZero();
    float[][] theirs = vectors(home.resolve("d.parquet"));
    for (int row = 0; row < theirs.length; row++) {
      assertThat(theirs[row]).containsExactly(now[row], within(1e-5f));
    }
    try (var folders = Files.list(cache)) {
      List<Path> two = folders.toList();
      assertThat(two).hasSize(2);
      for (Path each : two) {
        Files.writeString(each.resolve("about.json"), "{ junk");
      }
    }
    CommandRun damaged =
        embed("--images", tiles, "--out", home.resolve("e.parquet"), "--cache", cache);
    assertThat(damaged.code()).isEqualTo(ExitCode.DATA);
    assertThat(damaged.err().lines().filter(line -> line.startsWith("eosin: ")))
        .singleElement()
        .asString()
        .contains("about.json: is damaged: ", "; remove the folder ");
  }

  @Test
  void embeddingsOfOtherBatchesAreNotMixed() throws IOException {
    Path out = home.resolve("a.parquet");
    embedded(out);
    CommandRun refused = embed("--images", tiles, "--out", out, "--cache", cache, "--batch", 2);
    assertThat(refused.code()).isEqualTo(ExitCode.DATA);
    assertThat(refused.err()).contains("made otherwise: batch was '4' and is '2'");
    embedded(home.resolve("b.parquet"), "--batch", 2);
    try (var folders = Files.list(cache)) {
      assertThat(folders.toList()).hasSize(2);
    }
    try (StoredEmbeddings stored = StoredEmbeddings.open(out, Optional.empty())) {
      assertThat(stored.pins()).containsEntry("device", "cpu").containsEntry("batch", "4");
    }
  }

  private CommandRun embedWith(Path model, Path out) {
    return CommandRun.of(
        "embed",
        "--model",
        model,
        "--images",
        tiles,
        "--out",
        out,
        "--cache",
        cache,
        "--device",
        "cpu",
        "--threads",
        1);
  }

  @Test
  void textsHaveEmbeddingsToo() throws IOException {
    Path lines =
        Files.writeString(home.resolve("t.txt"), "a tile of tumour\n" + "word ".repeat(40));
    Path out = home.resolve("t.parquet");
    CommandRun done = embed("--texts", lines, "--out", out);
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.err())
        .contains("1 of 2 texts have more than the model's 16 tokens and are cut: line 2 has 42");
    Path table =
        Files.writeString(
            home.resolve("t.csv"),
            "filepath,caption,slide\nx.png,\"a tile, of tumour\",s1\ny.png,a tile of tumour,s2\n");
    Path second = home.resolve("t.npz");
    done = embed("--texts", table, "--out", second);
    assertThat(done.code()).as(done.err()).isZero();
    try (var ofLines = StoredEmbeddings.open(out, Optional.empty());
        var ofTable = StoredEmbeddings.open(second, Optional.empty())) {
      assertThat(ofLines.rows().getFirst().text()).contains("a tile of tumour");
      assertThat(ofTable.rows())
          .extracting(row -> row.path() + row.group().orElseThrow() + row.text().orElseThrow())
          .containsExactly("x.pngs1a tile, of tumour", "y.pngs2a tile of tumour");
      for (int i = 0; i < 16; i++) {
        assertThat(ofTable.vectors()[1][i]).isCloseTo(ofLines.vectors()[0][i], within(1e-6f));
      }
      assertThat(ofLines.pins()).containsEntry("tokenizer", "clip-bpe");
    }
  }

  @Test
  void tablesSayGroupsAndCentresAndNameNoImageTwice() throws IOException {
    Path table =
        Files.writeString(
            home.resolve("tiles.csv"),
            """
            image,label,slide,centre
            tiles/stroma/t0.png,stroma,s1,north
            tiles/tumour/t1.png,tumour,s2,south
            tiles/stroma/t0.png,stroma,s1,north
            tiles/missing.png,tumour,s2,
            """);
    Path out = home.resolve("e.parquet");
    CommandRun done = embed("--images", table, "--out", out, "--no-cache");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.err())
        .contains("centre 'centre'")
        .contains("1 of 4 rows name an image that an earlier row names; they are left out")
        .contains("2 of 4 rows were left out")
        .contains("finished; the embeddings of 2 rows");
    try (VectorTable written = VectorTable.open(out)) {
      assertThat(written.texts("centre")).containsExactly("north", "south");
      assertThat(written.texts("group")).containsExactly("s1", "s2");
      assertThat(written.texts("row")).containsExactly("0", "1");
    }
    assertThat(Files.readString(home.resolve("e.parquet.left-out.jsonl")))
        .contains("\"reason\":\"row 0 names the same image\"")
        .contains("missing.png");
    Files.writeString(
        table, "image,label\ntiles/stroma/t0.png,stroma\ntiles/stroma/t0.png,tumour\n");
    CommandRun twice = embed("--images", table, "--out", home.resolve("f.npz"), "--no-cache");
    assertThat(twice.code()).isEqualTo(ExitCode.DATA);
    assertThat(twice.err())
        .contains("rows 0 and 1 name it, with the label 'stroma' and 'tumour'; keep one of them");
  }

  @Test
  void whatCannotBeDoneIsSaidInOneLine() throws IOException {
    Path out = home.resolve("e.parquet");
    Path empty = Files.createDirectories(home.resolve("empty"));
    Path blank = Files.writeString(home.resolve("blank.txt"), "one\n\nthree\n");
    Map<String, List<Object>> wrong =
        Map.of(
            "either --images PATH or --texts FILE is needed",
            List.of("--out", out),
            "are for hidden states; add --layers all",
            List.of("--images", tiles, "--prompt", "what?", "--out", out),
            "should end in .safetensors, .parquet, .npz or .npy",
            List.of("--images", tiles, "--out", home.resolve("e.csv")),
            "holds no file that ends in one of",
            List.of("--images", empty, "--out", out),
            "blank.txt: line 2: the text is empty",
            List.of("--texts", blank, "--out", out),
            "fp32 or fp16 is expected",
            List.of("--images", tiles, "--out", out, "--type", "int8"),
            "auto would be another on another machine",
            List.of("--images", tiles, "--out", out, "--precision", "auto"),
            "--batch and --workers are at least 1",
            List.of("--images", tiles, "--out", out, "--workers", "0"));
    wrong.forEach(
        (message, arguments) -> {
          CommandRun failed = embed(arguments.toArray());
          assertThat(failed.code()).as(message).isNotZero();
          assertThat(failed.err()).contains(message);
          assertThat(out).doesNotExist();
        });
    Files.writeString(tiles.resolve("stroma/t0.png"), "no image");
    for (String each : List.of("stroma/t2.png", "stroma/t4.png", "tumour/t1.png")) {
      Files.delete(tiles.resolve(each));
    }
    Files.writeString(tiles.resolve("tumour/t3.png"), "no image");
    Files.writeString(tiles.resolve("tumour/t5.png"), "no image");
    CommandRun none = embed("--images", tiles, "--out", out, "--no-cache");
    assertThat(none.code()).isEqualTo(ExitCode.DATA);
    assertThat(none.err()).contains("none of 3 images could be read, for example stroma/t0.png");
  }
}
