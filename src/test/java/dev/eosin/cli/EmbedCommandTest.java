package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.config.CountOrAuto;
import dev.eosin.config.DataException;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.data.parquet.VectorTable;
import dev.eosin.eval.activations.ActivationFile;
import dev.eosin.eval.activations.ActivationPass;
import dev.eosin.eval.activations.LayerChoice;
import dev.eosin.eval.activations.NumberType;
import dev.eosin.eval.activations.StoredActivations;
import dev.eosin.group.Group;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.language.TinyLanguage;
import dev.eosin.recipe.stored.HiddenStates;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Processor;
import dev.eosin.vllm.TinyVisionLanguage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Hidden states of a model that sees, of every layer, in every format.
class EmbedCommandTest {
  @TempDir private Path home;
  private Path model;
  private Path tiles;

  @BeforeEach
  void prepare() throws IOException {
    model = TinyVisionLanguage.in(home.resolve("model"));
    tiles = home.resolve("tiles");
    for (int i = 0; i < 6; i++) {
      tile(tiles.resolve(i % 2 == 0 ? "stroma" : "tumour").resolve("t%d.png".formatted(i)), i + 1);
    }
  }

  private static void tile(Path file, int seed) throws IOException {
    Files.createDirectories(file.resolveSibling(""));
    byte[] pixels = new byte[3 * 40 * 30];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * seed);
    }
    Files.write(file, Png.encode(new RgbImage(40, 30, pixels)));
  }

  private CommandRun embed(Object... more) {
    List<Object> all = new ArrayList<>(List.of("embed", "--model", model, "--device", "cpu"));
    all.addAll(List.of("--threads", 1));
    all.addAll(List.of(more));
    return CommandRun.of(all.toArray());
  }

  private void embedded(Path out, Object... more) {
    List<Object> all = new ArrayList<>(List.of("--images", tiles, "--out", out));
    all.addAll(List.of(more));
    CommandRun run = embed(all.toArray());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("finished; the states of 6 rows are in " + out);
    assertThat(home.resolve(out.getFileName() + ".part")).doesNotExist();
  }

  @Test
  void everyFormatHoldsTheSameStates() throws IOException {
    Path tensors = home.resolve("e.safetensors");
    Path table = home.resolve("e.parquet");
    embedded(tensors, "--layers", "all");
    embedded(table, "--layers", "all");
    embedded(home.resolve("half.parquet"), "--layers", "-1", "--type", "fp16");
    embedded(home.resolve("e.npz"), "--layers", "1");
    try (SafetensorsFile file = SafetensorsFile.open(tensors);
        VectorTable columns = VectorTable.open(table);
        VectorTable half = VectorTable.open(home.resolve("half.parquet"))) {
      List<String> layers = file.names().stream().filter(name -> !name.equals("rows")).toList();
      assertThat(layers).hasSizeGreaterThan(1).startsWith("layer_01", "layer_02");
      assertThat(columns.columns())
          .startsWith("row", "path", "group", "label", "split")
          .containsAll(layers);
      for (String layer : layers) {
        assertThat(columns.vectors(layer)).isEqualTo(file.floats(layer));
      }
      assertThat(file.floats("layer_01")).isNotEqualTo(file.floats("layer_02"));
      float[] whole = file.floats(layers.getLast());
      float[] rounded = half.vectors(layers.getLast());
      for (int i = 0; i < whole.length; i++) {
        assertThat(rounded[i]).isEqualTo(Float.float16ToFloat(Float.floatToFloat16(whole[i])));
      }
      assertThat(columns.texts("label"))
          .containsExactly("stroma", "stroma", "stroma", "tumour", "tumour", "tumour");
      assertThat(columns.texts("path")).startsWith("stroma/t0.png").endsWith("tumour/t5.png");
      assertThat(columns.texts("row")).containsExactly("0", "1", "2", "3", "4", "5");
      String rows = new String(bytes(file), StandardCharsets.UTF_8);
      assertThat(rows.lines())
          .hasSize(6)
          .first()
          .asString()
          .matches(
              "\\{\"row\":0,\"path\":\"stroma/t0.png\",\"label\":\"stroma\",\"sha256\":\"[0-9a-f]{64}\"}");
      assertThat(file.metadata()).containsEntry("format", "eosin-activations");
      assertThat(file.metadata().get("fingerprint"))
          .isEqualTo(columns.metadata().get("fingerprint"));
      assertThat(half.metadata().get("fingerprint"))
          .isNotEqualTo(columns.metadata().get("fingerprint"));
    }
  }

  @Test
  void aLanguageModelReadsQuestionsAndSeesNoImages() throws IOException {
    model = TinyLanguage.llama(home.resolve("language"), Optional.empty());
    Path rows =
        Files.writeString(
            home.resolve("q.csv"),
            "id,question,answer,group\na,is it dark?,yes,s1\nb,is it pale?,no,s2\n");
    Path out = home.resolve("q.parquet");
    CommandRun run = embed("--rows", rows, "--out", out, "--layers", "all");
    assertThat(run.code()).as(run.err()).isZero();
    try (var states = StoredActivations.open(out, Optional.empty())) {
      assertThat(states.rows())
          .extracting(row -> row.path() + row.label().orElseThrow() + row.group().orElseThrow())
          .containsExactly("ayess1", "bnos2");
      float[][] last = states.states(states.layers().last());
      assertThat(last[0]).isNotEqualTo(last[1]);
    }
    CommandRun seen = embed("--images", tiles, "--out", home.resolve("i.npz"), "--layers", "all");
    assertThat(seen.code()).isEqualTo(ExitCode.DATA);
    assertThat(seen.err()).contains("is a model of text alone and sees no images");
  }

  @Test
  void whatWasWrittenIsReadAgain() throws IOException {
    embedded(home.resolve("e.safetensors"), "--layers", "all");
    embedded(home.resolve("e.parquet"), "--layers", "all");
    embedded(home.resolve("e.npz"), "--layers", "all");
    for (String other : List.of("e.parquet", "e.npz")) {
      try (var tensors = StoredActivations.open(home.resolve("e.safetensors"), Optional.empty());
          var table = StoredActivations.open(home.resolve(other), Optional.empty())) {
        assertThat(tensors.rows()).as(other).isEqualTo(table.rows()).hasSize(6);
        assertThat(tensors.layers()).isEqualTo(table.layers());
        for (int layer : tensors.layers()) {
          // Two computations: products round by where their operands lie in memory.
          float[][] one = tensors.states(layer);
          float[][] again = table.states(layer);
          assertThat(one).hasDimensions(again.length, again[0].length);
          for (int row = 0; row < one.length; row++) {
            assertThat(one[row]).containsExactly(again[row], within(1e-5f));
          }
        }
      }
    }
    byte[] whole = Files.readAllBytes(home.resolve("e.npz"));
    Path cut = Files.write(home.resolve("cut.npz"), Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> StoredActivations.open(cut, Optional.empty()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cut.npz: is no .npz file");
  }

  @Test
  void anImageThatChangedIsLookedAtAgain() throws IOException {
    Path out = home.resolve("e.parquet");
    embedded(out, "--layers", "1");
    tile(tiles.resolve("stroma/t2.png"), 77);
    CommandRun again = embed("--images", tiles, "--out", out, "--layers", "1");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err())
        .contains("is there already, but row 1, stroma/t2.png, has changed since");
    Path afresh = home.resolve("afresh.parquet");
    embedded(afresh, "--layers", "1");
    assertThat(states(out)).isDeepEqualTo(states(afresh));

    // What was begun goes on with what the images are now.
    var file = ActivationFile.of(home.resolve("n.parquet"));
    var columns = ListedImages.Columns.GUESSED;
    var settings =
        new ActivationPass.Settings(
            Optional.of("What's on this image?"), new LayerChoice("1"), NumberType.FP32);
    var compute = new ComputeSettings(Processor.CPU, new CountOrAuto.Count(1));
    List<String> notes = new ArrayList<>();
    var listener = new ActivationPass.Listener(notes::add, progress -> {});
    try (HiddenStates open = HiddenStates.open(model, Optional.empty(), compute, Group.ALONE)) {
      var asked = new AtomicInteger();
      var rows = new HiddenStates.Images(tiles, columns);
      assertThat(open.write(rows, settings, file, listener, () -> asked.incrementAndGet() > 4))
          .isEmpty();
      tile(tiles.resolve("stroma/t2.png"), 5);
      assertThat(open.write(rows, settings, file, listener, () -> false)).contains(6L);
      assertThat(notes).anyMatch(note -> note.endsWith("goes on behind 1 rows"));
    }
    Path last = home.resolve("last.parquet");
    embedded(last, "--layers", "1");
    assertThat(states(file.path())).isDeepEqualTo(states(last));
  }

  /// Rounded: products round by where their operands lie in memory.
  private static long[][] states(Path file) throws IOException {
    try (var stored = StoredActivations.open(file, Optional.empty())) {
      return Arrays.stream(stored.states(1))
          .map(
              row -> {
                long[] rounded = new long[row.length];
                Arrays.setAll(rounded, i -> Math.round(row[i] * 1e3));
                return rounded;
              })
          .toArray(long[][]::new);
    }
  }

  private static byte[] bytes(SafetensorsFile file) throws IOException {
    long[] values = file.longs("rows");
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  @Test
  void aFileOfTheSameIsKeptAndOneOfAnotherPromptIsNot() throws IOException {
    Path out = home.resolve("e.parquet");
    embedded(out, "--layers", "1");
    byte[] before = Files.readAllBytes(out);
    CommandRun again = embed("--images", tiles, "--out", out, "--layers", "1");
    assertThat(again.code()).isZero();
    assertThat(again.err()).contains("is there already");
    CommandRun other = embed("--images", tiles, "--out", out, "--layers", 1, "--prompt", "dark?");
    assertThat(other.code()).isEqualTo(ExitCode.DATA);
    assertThat(other.err()).contains("prompt was 'What's on this image?' and is 'dark?'");
    assertThat(out).hasBinaryContent(before);
  }

  @Test
  void imagesThatCannotBeReadAreLeftOutAndListed() throws IOException {
    Files.writeString(tiles.resolve("stroma/a.png"), "no image");
    Path out = home.resolve("e.parquet");
    CommandRun run = embed("--images", tiles, "--out", out, "--layers", "1");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("1 of 7 rows were left out")
        .contains("finished; the states of 6 rows");
    assertThat(Files.readString(home.resolve("e.parquet.left-out.jsonl")))
        .startsWith("{\"row\":0,\"path\":\"stroma/a.png\",\"label\":\"stroma\",\"sha256\":\"")
        .contains("\"reason\":\"");
    try (VectorTable table = VectorTable.open(out)) {
      assertThat(table.texts("row")).containsExactly("1", "2", "3", "4", "5", "6");
    }
  }

  @Test
  void multimodalProbesTableNamesLabelsAndSplit() throws IOException {
    Path table =
        Files.writeString(
            home.resolve("patho.csv"),
            "filepaths,cat,is_test\n%s,0,False\ntiles/tumour/t1.png,1,False\n%s,1,True\n"
                .formatted(tiles.resolve("stroma/t0.png"), tiles.resolve("tumour/t3.png")));
    Path out = home.resolve("e.parquet");
    CommandRun run = embed("--images", table, "--out", out, "--layers", "1,-1");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("label 'cat', group none, split 'is_test'");
    try (VectorTable written = VectorTable.open(out)) {
      assertThat(written.texts("label")).containsExactly("0", "1", "1");
      assertThat(written.texts("split")).containsExactly("train", "train", "test");
    }
  }

  @Test
  void whatCannotBeDoneIsSaidInOneLine() throws IOException {
    Path out = home.resolve("e.parquet");
    Map<String, List<Object>> wrong =
        Map.of(
            "--layers: 'last' is no layer",
            List.of("--images", tiles, "--out", out, "--layers", "last"),
            "layers: 99 is none of the model's layers, which are 1 to",
            List.of("--images", tiles, "--out", out, "--layers", "99"),
            "should end in .safetensors, .parquet or .npz",
            List.of("--images", tiles, "--out", home.resolve("e.csv"), "--layers", "all"),
            "either --images PATH or --rows FILE is needed",
            List.of("--out", out, "--layers", "all"),
            "fp32 or fp16 is expected",
            List.of("--images", tiles, "--out", out, "--layers", "all", "--type", "int8"),
            "nothing: no such folder or table",
            List.of("--images", home.resolve("nothing"), "--out", out, "--layers", "all"),
            "holds no file that ends in one of",
            List.of("--images", model, "--out", out, "--layers", "all"));
    wrong.forEach(
        (message, arguments) -> {
          CommandRun run = embed(arguments.toArray());
          assertThat(run.code()).as(message).isNotZero();
          assertThat(run.err()).contains(message);
          assertThat(out).doesNotExist();
        });
  }
}
