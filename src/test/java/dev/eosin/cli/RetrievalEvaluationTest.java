package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.eval.activations.ActivationFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Retrieval over stored embeddings, against recorded numbers.
class RetrievalEvaluationTest {
  @TempDir private Path home;
  private final ParityCase recorded = ParityCase.open("metrics");
  private Path images;
  private Path texts;
  private int pairs;

  @BeforeEach
  void store() throws IOException {
    images = home.resolve("images.safetensors");
    texts = home.resolve("texts.safetensors");
    try (SafetensorsFile inputs = SafetensorsFile.open(recorded.file("inputs.safetensors"))) {
      pairs = inputs.header("ret.image_features").shape().getFirst().intValue();
      write(inputs, "ret.image_features", images);
      write(inputs, "ret.multi.text_features", texts);
      write(inputs, "ret.text_features", home.resolve("single.safetensors"));
      var table = new StringBuilder("path,group\n");
      for (int i = 0; i < pairs; i++) {
        table.append("t").append(i).append(".png,s").append(i / 10).append('\n');
      }
      Files.writeString(home.resolve("images.csv"), table);
      table = new StringBuilder("path,text\n");
      long[] of = inputs.longs("ret.multi.image_of_text");
      for (int i = 0; i < of.length; i++) {
        table.append("t").append(of[i]).append(".png,caption ").append(i).append('\n');
      }
      Files.writeString(home.resolve("texts.csv"), table);
    }
  }

  private static void write(SafetensorsFile inputs, String name, Path file) throws IOException {
    write(inputs, name, file, Map.of());
  }

  private CommandRun evaluate(Path ofTexts, String... more) throws IOException {
    Path recipe =
        Files.writeString(
            home.resolve("r.yaml"),
            """
            kind: retrieval
            compute: { device: cpu, threads: 1 }
            images: "%s"
            images-table: "%s"
            texts: "%s"
            texts-table: "%s"
            bootstrap: 50
            output: { dir: "%s" }
            """
                .formatted(
                    images,
                    home.resolve("images.csv"),
                    ofTexts,
                    home.resolve("texts.csv"),
                    home.resolve("out")));
    List<Object> all = new ArrayList<>(List.of("evaluate", recipe));
    all.addAll(List.of(more));
    return CommandRun.of(all.toArray());
  }

  private JsonNode results() throws IOException {
    return new ObjectMapper().readTree(home.resolve("out/evaluation.json").toFile());
  }

  private static void compare(JsonNode found, String direction, JsonNode expected) {
    expected
        .properties()
        .forEach(
            each -> {
              String name = direction + "_" + each.getKey().replace("recall@", "recall_at_");
              assertThat(found.path(name).asDouble())
                  .as(name)
                  .isCloseTo(each.getValue().asDouble(), within(1e-6));
            });
  }

  @Test
  void severalCaptionsGiveTheRecordedRecalls() throws IOException {
    CommandRun run = evaluate(texts);
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode found = results().path("evaluations").path("retrieval");
    JsonNode expected =
        new ObjectMapper().readTree(recorded.text("metrics.json")).path("retrieval");
    compare(found, "image_to_text", expected.path("multi_caption_i2t"));
    compare(found, "text_to_image", expected.path("multi_caption_t2i"));
    for (String name : List.of("image_to_text_recall_at_50", "text_to_image_recall_at_1")) {
      assertThat(found.path(name + "_low").asDouble()).isLessThan(found.path(name).asDouble());
      assertThat(found.path(name + "_high").asDouble()).isGreaterThan(found.path(name).asDouble());
    }
    assertThat(results().path("inputs").path("images.sha256").asText()).hasSize(64);
    byte[] before = Files.readAllBytes(home.resolve("out/evaluation.json"));
    assertThat(evaluate(texts).code()).isZero();
    assertThat(home.resolve("out/evaluation.json")).hasBinaryContent(before);
  }

  @Test
  void ranksFindWhatAProcessAloneFinds() throws Exception {
    assertThat(evaluate(texts).code()).isZero();
    List<String> files = new ArrayList<>(EvaluationOnRanks.RESULTS);
    files.add("samples.jsonl");
    EvaluationOnRanks.shareAsOne(home.resolve("r.yaml"), List.of(), home, files, List.of(2, 3));
  }

  @Test
  void rowsAreMatchedAsTheyStand() throws IOException {
    Files.copy(home.resolve("images.csv"), home.resolve("single.csv"));
    CommandRun run =
        evaluate(
            home.resolve("single.safetensors"),
            "match=row",
            "texts-table=" + home.resolve("single.csv"));
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode found = results().path("evaluations").path("retrieval");
    JsonNode expected =
        new ObjectMapper().readTree(recorded.text("metrics.json")).path("retrieval");
    compare(found, "image_to_text", expected.path("image_to_text"));
    compare(found, "text_to_image", expected.path("text_to_image"));
  }

  @Test
  void imagesWhoseTextsAreAllEqualAreOne() throws IOException {
    Path file = home.resolve("texts.csv");
    String all = Files.readString(file);
    Files.writeString(file, all.replaceAll("caption \\d+", "the same"));
    CommandRun run = evaluate(texts);
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode found = results().path("evaluations").path("retrieval");
    assertThat(found.path("image_to_text_recall_at_1").asDouble()).isEqualTo(1);
  }

  @Test
  void aTextThatImagesShareBesidesOthersJoinsNothing() throws IOException {
    Path file = home.resolve("texts.csv");
    List<String> rows = new ArrayList<>(Files.readAllLines(file));
    Set<String> once = new HashSet<>();
    int changed = 0;
    for (int i = 1; i < rows.size(); i++) {
      String path = rows.get(i).substring(0, rows.get(i).indexOf(','));
      if (!once.add(path)) {
        rows.set(i, path + ",H&E");
        changed++;
      }
    }
    assertThat(changed).isGreaterThan(1);
    Files.write(file, rows);
    CommandRun run = evaluate(texts);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("1 texts are of several images that have other texts besides");
    JsonNode found = results().path("evaluations").path("retrieval");
    JsonNode expected =
        new ObjectMapper().readTree(recorded.text("metrics.json")).path("retrieval");
    compare(found, "image_to_text", expected.path("multi_caption_i2t"));
    compare(found, "text_to_image", expected.path("multi_caption_t2i"));
  }

  @Test
  void whatBelongsToNothingIsLeftOutAndSaid() throws IOException {
    Path file = home.resolve("images.csv");
    String all = Files.readString(file);
    Files.writeString(file, all.replace("t0.png,", "other.png,"));
    CommandRun run = evaluate(texts);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("1 of %d images belong to no text and are left out".formatted(pairs));
    assertThat(results().path("details").path("retrieval").path("images").asInt())
        .isEqualTo(pairs - 1);
    Files.writeString(file, all.replace("t", "x").replace("pxh", "path"));
    CommandRun none = evaluate(texts);
    assertThat(none.code()).isEqualTo(ExitCode.DATA);
    assertThat(none.err())
        .contains("no image and text have the path in common: for example 'x0.png'");
    CommandRun label = evaluate(texts, "match=label");
    assertThat(label.err()).contains("no image and text have the label in common");
    CommandRun row = evaluate(texts, "match=row");
    assertThat(row.err()).contains("matched by row, both have as many");
    CommandRun recalls = evaluate(texts, "recalls=[0]");
    assertThat(recalls.code()).isEqualTo(ExitCode.USAGE);
    assertThat(recalls.err()).contains("numbers of at least 1 are expected");
  }

  @Test
  void embeddingsOfTwoModelsAreRefused() throws IOException {
    Path other = home.resolve("other.safetensors");
    try (SafetensorsFile inputs = SafetensorsFile.open(recorded.file("inputs.safetensors"))) {
      write(inputs, "ret.image_features", images, made("one"));
      write(inputs, "ret.multi.text_features", texts, made("one"));
      write(inputs, "ret.multi.text_features", other, made("two"));
    }
    CommandRun same = evaluate(texts);
    assertThat(same.code()).as(same.err()).isZero();
    CommandRun mixed = evaluate(other);
    assertThat(mixed.code()).isEqualTo(ExitCode.DATA);
    assertThat(mixed.err())
        .contains("%s and %s are of different models: model.sha256".formatted(images, other));
  }

  private static Map<String, String> made(String by) {
    return Map.of(
        "format", ActivationFile.EMBEDDINGS, "pins", "{\"model.sha256\": \"%s\"}".formatted(by));
  }

  private static void write(
      SafetensorsFile inputs, String name, Path file, Map<String, String> about)
      throws IOException {
    new SafetensorsWriter(about).add("embeddings", inputs.entry(name)).write(file);
  }
}
