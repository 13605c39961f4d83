package dev.eosin.cli.models;

import static dev.eosin.cli.models.OnnxExports.AT_THE_END;
import static dev.eosin.cli.models.OnnxExports.ENOUGH;
import static dev.eosin.cli.models.OnnxExports.assertEmbedsAlike;
import static dev.eosin.cli.models.OnnxExports.json;
import static dev.eosin.cli.models.OnnxExports.onnx;
import static dev.eosin.cli.models.OnnxExports.tiles;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.ParityCase;
import dev.eosin.cli.CommandRun;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.file.FileDigest;
import dev.eosin.onnx.runtime.GraphSession;
import dev.eosin.run.SmallRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `eosin export`: graphs of runs and of folders, compared on held-out tiles.
class ExportCommandTest {
  @TempDir private static Path home;
  private static SmallRun run;
  private static Path tiles;
  @TempDir private Path folder;

  @BeforeAll
  static void train() throws IOException {
    run = SmallRun.in(home.resolve("run"));
    run.train(ENOUGH, AT_THE_END);
    tiles = tiles(home.resolve("tiles"), 520);
  }

  private void assertRefused(CommandRun refused, int code, String... words) throws IOException {
    OnnxExports.assertRefused(folder, refused, code, words);
  }

  /// The last evaluation of the run, as its log has it.
  private static double logged(SmallRun of) throws IOException {
    return of.rows().stream()
        .filter(row -> row.path("eval").asText().equals("tiles"))
        .reduce((first, second) -> second)
        .orElseThrow()
        .path("zero_shot_top1")
        .asDouble();
  }

  @ParameterizedTest
  @CsvSource({"fp32, model", "fp16, model_fp16", "int8, model_int8"})
  void aRunBecomesABundleThatGivesWhatItGives(String precision, String stem) throws IOException {
    Path out = folder.resolve("bundle");
    CommandRun written = onnx(run.folder(), out, "--precision", precision);
    assertThat(written.code()).as(written.err()).isZero();
    assertThat(written.out()).contains(precision + " graph of ", "equal on 512 tiles");
    JsonNode proof = json(out.resolve("verification.json"));
    assertThat(proof.path("tiles").asInt()).isEqualTo(512);
    assertThat(proof.path("zero_shot_top1_eosin").asDouble()).isEqualTo(logged(run));
    if (precision.equals("fp32")) {
      assertThat(proof.path("largest_difference").asDouble()).isPositive().isLessThan(1e-5);
      assertThat(proof.path("zero_shot_top1_graph").asDouble()).isEqualTo(logged(run));
      assertEmbedsAlike(run.folder(), out, tiles.resolve("tumour/0000.png"), 1e-4f);
    }
    for (String name :
        List.of(
            "onnx/" + stem + ".onnx",
            "onnx/vision_" + stem + ".onnx",
            "onnx/text_" + stem + ".onnx",
            "config.json",
            "preprocessor_config.json",
            "tokenizer.json",
            "triton/image_encoder/1/model.onnx",
            "triton/image_encoder/config.pbtxt",
            "triton/text_encoder/1/model.onnx",
            "triton/text_encoder/config.pbtxt",
            "examples/zero_shot.py",
            "examples/ZeroShot.java")) {
      assertThat(out.resolve(name)).isNotEmptyFile();
    }
    try (GraphSession graph = GraphSession.open(out.resolve("onnx/" + stem + ".onnx"), 1)) {
      assertThat(graph.inputs()).containsExactly("input_ids", "pixel_values", "attention_mask");
      assertThat(graph.outputs())
          .containsExactly("logits_per_image", "logits_per_text", "text_embeds", "image_embeds");
    }
    assertThat(Files.readString(out.resolve("README.md")))
        .startsWith("---\n")
        .contains("not a medical device", "license: unknown", "zero_shot_top1")
        .doesNotContain(home.toString());
    assertSumsHold(out);
  }

  private static void assertSumsHold(Path out) throws IOException {
    List<String> lines = Files.readAllLines(out.resolve("SHA256SUMS"));
    try (Stream<Path> files = Files.walk(out)) {
      assertThat(lines).hasSize((int) files.filter(Files::isRegularFile).count() - 1);
    }
    for (String line : lines) {
      String[] parts = line.split(" {2}", 2);
      assertThat(FileDigest.of(out.resolve(parts[1])).sha256()).as(parts[1]).isEqualTo(parts[0]);
    }
  }

  @Test
  void weightsMayLieBesideTheGraphs() throws IOException {
    Path out = folder.resolve("bundle");
    CommandRun written =
        onnx(run.folder(), out, "--external-data", "--opset", "20", "--license", "mit");
    assertThat(written.code()).as(written.err()).isZero();
    assertThat(Files.size(out.resolve("onnx/model.onnx"))).isLessThan(200_000);
    assertThat(Files.size(out.resolve("onnx/model.onnx_data"))).isGreaterThan(6_000_000);
    assertThat(out.resolve("triton/text_encoder/1/text_model.onnx_data")).isNotEmptyFile();
    try (GraphSession graph =
        GraphSession.open(out.resolve("triton/text_encoder/1/model.onnx"), 1)) {
      assertThat(graph.outputs()).containsExactly("text_embeds");
    }
    assertThat(Files.readString(out.resolve("README.md"))).contains("license: \"mit\"");
    assertSumsHold(out);
  }

  @Test
  void adaptersAndALogitBiasAreInTheGraphs() throws IOException {
    SmallRun adapted = SmallRun.in(folder.resolve("adapted"));
    adapted.train(ENOUGH, AT_THE_END, "lora={rank: 2, alpha: 4}", "optimizer.lr=1e-2");
    assertExported(adapted);
    SmallRun biased = SmallRun.in(folder.resolve("biased"));
    biased.train(ENOUGH, AT_THE_END, "loss={type: siglip}");
    assertExported(biased);
    assertThat(folder.resolve("bundle/open_clip_config.json")).exists();
  }

  private void assertExported(SmallRun exported) throws IOException {
    Path out = folder.resolve("bundle");
    CommandRun written = onnx(exported.folder(), out, "--replace");
    assertThat(written.code()).as(written.err()).isZero();
    JsonNode proof = json(out.resolve("verification.json"));
    assertThat(proof.path("largest_difference").asDouble()).isPositive().isLessThan(1e-5);
    assertThat(proof.path("zero_shot_top1_graph").asDouble()).isEqualTo(logged(exported));
    assertEmbedsAlike(exported.folder(), out, tiles.resolve("tumour/0000.png"), 1e-4f);
  }

  @Test
  void aRunInBf16IsComparedInFp32AndThatIsSaid() throws IOException {
    SmallRun narrow = SmallRun.in(folder.resolve("narrow"));
    narrow.train(ENOUGH, AT_THE_END, "precision=bf16");
    CommandRun written = onnx(narrow.folder(), folder.resolve("bundle"));
    assertThat(written.code()).as(written.err()).isZero();
    assertThat(written.out())
        .contains(
            "note: the run computed with precision: bf16; the graphs are made of its fp32 weights");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert-timm-gelu", "bert-timm-swiglu", "bert-timm-plain"})
  void foldersOfOtherTowersAreComparedOnNamedTiles(String name) throws IOException {
    ParityCase recorded = ParityCase.open(name);
    Path model = Files.createDirectory(folder.resolve(name));
    Files.copy(recorded.file("model.safetensors"), model.resolve("open_clip_model.safetensors"));
    JsonNode config = json(recorded.file("config.json"));
    String preprocessing =
        "{\"model_cfg\": %s, \"preprocess_cfg\": {\"mean\": [0.5, 0.5, 0.5], \"std\": [0.25, 0.25, 0.25]}}";
    Files.writeString(
        model.resolve("open_clip_config.json"),
        preprocessing.formatted(config.has("model_cfg") ? config.path("model_cfg") : config));
    Path whole = recorded.beside("tokenizer-bert").file("tokenizer.json");
    Path out = folder.resolve("bundle");
    Files.copy(whole, model.resolve("tokenizer.json"));
    assertRefused(
        onnx(model, out, "--verify", tiles),
        ExitCode.DATA,
        model + ": its tokenizer has 500 ids, its text tower knows 50");
    int padding = config.path("text_cfg").path("hf_model_config").path("pad_token_id").asInt();
    Files.writeString(model.resolve("tokenizer.json"), fewer(whole, padding + 2));
    assertRefused(
        onnx(model, out, "--verify", tiles),
        ExitCode.DATA,
        "its tokenizer pads with %d, its text tower leaves out %d".formatted(padding + 2, padding));
    Files.writeString(model.resolve("tokenizer.json"), fewer(whole, padding));
    CommandRun written = onnx(model, out, "--verify", tiles);
    assertThat(written.code()).as(written.err()).isZero();
    JsonNode proof = json(out.resolve("verification.json"));
    assertThat(proof.path("largest_difference").asDouble()).isLessThan(1e-5);
    assertThat(proof.path("zero_shot_top1_graph").isNumber()).isTrue();
    assertThat(out.resolve("open_clip_config.json")).exists();
    assertThat(out.resolve("preprocessor_config.json")).exists();
  }

  /// A tokenizer of 50 ids, some of them words.
  private static String fewer(Path tokenizer, int padding) throws IOException {
    ObjectNode root = (ObjectNode) json(tokenizer);
    root.putObject("padding")
        .put("strategy", "BatchLongest")
        .put("direction", "Right")
        .putNull("pad_to_multiple_of")
        .put("pad_id", padding)
        .put("pad_type_id", 0)
        .put("pad_token", "[PAD]");
    ObjectNode vocabulary = (ObjectNode) root.path("model").path("vocab");
    vocabulary
        .properties()
        .removeIf(entry -> entry.getValue().asInt() >= 50 || entry.getKey().matches("[0-4]"));
    int id = json(tokenizer).path("model").path("vocab").path("0").asInt();
    for (String word : List.of("tumour", "normal", "mucosa", "image", "an")) {
      vocabulary.put(word, id++);
    }
    return root.toString();
  }

  @Test
  void otherTargetsAreWhatConvertWrites() throws IOException {
    for (String layout : List.of("open-clip", "hugging-face")) {
      Path exported = folder.resolve("exported-" + layout);
      Path converted = folder.resolve("converted-" + layout);
      CommandRun first = CommandRun.of("export", run.folder(), "--to", layout, "--out", exported);
      assertThat(first.code()).as(first.err()).isZero();
      assertThat(CommandRun.of("convert", run.folder(), converted, "--to", layout).code()).isZero();
      try (Stream<Path> files = Files.list(converted)) {
        for (Path file : files.toList()) {
          assertThat(exported.resolve(file.getFileName())).hasSameBinaryContentAs(file);
        }
      }
    }
  }
}
