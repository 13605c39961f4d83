package dev.eosin.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.ElementCast;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.config.CountOrAuto;
import dev.eosin.language.RandomModel;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.Rotary;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.Opset;
import dev.eosin.run.models.AnswerExport;
import dev.eosin.vllm.TinyVisionLanguage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Models that answer, exported, and compared with their graphs on 512 questions.
class AnswerBundleTest {
  private static final int QUESTIONS = 512;

  @TempDir private Path home;

  private AnswerBundle.Written export(
      Path model, Optional<Path> adapter, Path questions, GraphPrecision precision, boolean beside)
      throws IOException {
    return new AnswerExport(
            adapter,
            home.resolve("bundle"),
            false,
            new ClipBundle.Settings(precision, Opset.DEFAULT, beside, 2),
            Optional.of(questions),
            QUESTIONS,
            Optional.of("cc-by-4.0"),
            "test",
            new CountOrAuto.Count(2))
        .onnx(model, line -> {}, line -> {});
  }

  private Path questions(Optional<Path> images, int count) throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < count; i++) {
      String image =
          images.isPresent()
              ? ", \"image\": \"%s\"".formatted(images.get().resolve(i % 4 + ".png"))
              : "";
      String words = i % 3 == 0 ? "is the stain dark" : "the tissue is";
      rows.append("{\"id\": \"%d\", \"question\": \"%s %d?\"%s}%n".formatted(i, words, i, image));
    }
    return Files.writeString(home.resolve("questions.jsonl"), rows);
  }

  private Path images() throws IOException {
    Path folder = Files.createDirectories(home.resolve("tiles"));
    for (int i = 0; i < 4; i++) {
      var image = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
      for (int at = 0; at < 400; at++) {
        image.setRGB(at % 20, at / 20, (at * 7919 + i * 104_729) & 0xffffff);
      }
      ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
    }
    return folder;
  }

  private List<String> files() throws IOException {
    Path bundle = home.resolve("bundle");
    try (Stream<Path> files = Files.walk(bundle)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> bundle.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void aDecoderWithAdaptersIsOneGraph() throws IOException {
    Path model = TinyLanguage.llama(home.resolve("model"), Optional.empty());
    Path adapter = TinyLanguage.adapters(home.resolve("adapter"), model, Optional.empty(), 1);
    AnswerBundle.Written written =
        export(
            model,
            Optional.of(adapter),
            questions(Optional.empty(), QUESTIONS),
            GraphPrecision.FP32,
            false);
    assertThat(written.agreement().questions()).isEqualTo(QUESTIONS);
    assertThat(written.agreement().difference()).isLessThan(1e-5);
    assertThat(written.agreement().tokens()).isEqualTo(8L * QUESTIONS);
    assertThat(written.agreement().tokenAgreement()).isEqualTo(1);
    assertThat(files())
        .contains(
            "README.md",
            "SHA256SUMS",
            "config.json",
            "onnx/decoder_model_merged.onnx",
            "triton/decoder_model_merged/1/model.onnx",
            "triton/decoder_model_merged/config.pbtxt",
            "tokenizer.json",
            "verification.json");
    TritonText.Config triton =
        TritonText.read(
            Files.readString(home.resolve("bundle/triton/decoder_model_merged/config.pbtxt")));
    assertThat(triton.name()).isEqualTo("decoder_model_merged");
    assertThat(triton.outputs()).allMatch(port -> !port.dimensions().isEmpty());
    assertThat(home.resolve("bundle/triton/decoder_model_merged/config.pbtxt"))
        .content()
        .contains(
            "max_batch_size: 0",
            "{ name: \"input_ids\" data_type: TYPE_INT64 dims: [-1, -1] }",
            "{ name: \"logits\" data_type: TYPE_FP32 dims: [-1, -1, ");
    assertThat(home.resolve("bundle/README.md"))
        .content()
        .contains("license: \"cc-by-4.0\"", "not a medical device", "512 questions");
  }

  @Test
  void weightsOfBf16AreWidenedAndAdaptersMergedIntoThem() throws IOException {
    Path model = home.resolve("model");
    RandomModel.write(model);
    Path adapter = TinyLanguage.adapters(home.resolve("adapter"), model, Optional.empty(), 1);
    AnswerBundle.Written written =
        export(
            model,
            Optional.of(adapter),
            questions(Optional.empty(), QUESTIONS),
            GraphPrecision.FP32,
            true);
    assertThat(written.agreement().difference()).isLessThan(5e-5);
    assertThat(written.agreement().tokenAgreement()).isEqualTo(1);
    assertThat(files()).contains("onnx/decoder_model_merged.onnx_data");
  }

  /// Prompts are longer than what a token sees.
  @Test
  void aWindowHoldsWhereAnswersAreContinued() throws IOException {
    Path model = home.resolve("model");
    var rotary = new Rotary(10_000, new Rotary.Scaling.None());
    RandomModel.write(
        model,
        new LlamaSpec(300, 32, 2, 4, 2, 8, 48, false, false, OptionalInt.of(4), 1e-5, rotary, 256));
    AnswerBundle.Written written =
        export(
            model,
            Optional.empty(),
            questions(Optional.empty(), QUESTIONS),
            GraphPrecision.FP32,
            false);
    assertThat(written.agreement().difference()).isLessThan(1e-5);
    assertThat(written.agreement().tokenAgreement()).isEqualTo(1);
  }

  @Test
  void narrowGraphsAreComparedAsWell() throws IOException {
    Path model = TinyLanguage.llama(home.resolve("model"), Optional.empty());
    AnswerBundle.Written written =
        export(
            model,
            Optional.empty(),
            questions(Optional.empty(), QUESTIONS),
            GraphPrecision.FP16,
            false);
    assertThat(written.agreement().cosine()).isBetween(0.9995, 0.9999999);
    assertThat(files()).contains("onnx/decoder_model_merged_fp16.onnx");
  }

  @Test
  void whatDriftsTooFarIsRefused() throws IOException {
    Path model = home.resolve("model");
    RandomModel.write(model);
    Path asked = questions(Optional.empty(), QUESTIONS);
    assertThatThrownBy(() -> export(model, Optional.empty(), asked, GraphPrecision.INT8, false))
        .hasMessageContaining("the int8 graphs are not equal to the model on")
        .hasMessageMatching("(?s).*; decoder\\.blocks\\.[01] drifts most: its output is off by .*");
    assertThat(home.resolve("bundle")).doesNotExist();
  }

  @Test
  void aT5IsTwoGraphs() throws IOException {
    Path model = TinyLanguage.t5(home.resolve("model"));
    AnswerBundle.Written written =
        export(
            model,
            Optional.empty(),
            questions(Optional.empty(), QUESTIONS),
            GraphPrecision.FP32,
            false);
    assertThat(written.agreement().tokenAgreement()).isEqualTo(1);
    assertThat(files()).contains("onnx/encoder_model.onnx", "onnx/decoder_model_merged.onnx");
  }

  @Test
  void aModelThatSeesIsThreeGraphs() throws IOException {
    Path model = TinyVisionLanguage.in(home.resolve("model"));
    AnswerBundle.Written written =
        export(
            model,
            Optional.empty(),
            questions(Optional.of(images()), QUESTIONS),
            GraphPrecision.FP32,
            false);
    assertThat(written.agreement().difference()).isLessThan(1e-5);
    assertThat(written.agreement().tokenAgreement()).isEqualTo(1);
    assertThat(files())
        .contains(
            "onnx/decoder_model_merged.onnx",
            "onnx/embed_tokens.onnx",
            "onnx/vision_encoder.onnx",
            "preprocessor_config.json");
  }

  @Test
  void aModelThatSeesHasItsAdaptersMergedIntoBf16() throws IOException {
    Path model = TinyVisionLanguage.in(home.resolve("model"));
    Path file = model.resolve("model.safetensors");
    var narrow = new SafetensorsWriter(Map.of("format", "pt"));
    Path wide = Files.move(file, home.resolve("wide.safetensors"));
    try (StoredTensors weights = StoredTensors.open(wide)) {
      for (String name : weights.names()) {
        narrow.add(name, ElementCast.of(weights, name, StoredType.BF16));
      }
      narrow.write(file);
    }
    AnswerBundle.Written written =
        export(
            model,
            Optional.of(ParityCase.open("llava-train").file("adapter-trained")),
            questions(Optional.of(images()), QUESTIONS),
            GraphPrecision.FP32,
            false);
    assertThat(written.agreement().difference()).isLessThan(5e-5);
    assertThat(written.agreement().tokenAgreement()).isEqualTo(1);
  }

  @Test
  void fewQuestionsProveNothing() throws IOException {
    Path model = TinyLanguage.llama(home.resolve("model"), Optional.empty());
    Path few = questions(Optional.empty(), 511);
    assertThatThrownBy(() -> export(model, Optional.empty(), few, GraphPrecision.FP32, false))
        .hasMessageContaining("has 511 questions, and equality is proven on 512 or more");
    assertThat(home.resolve("bundle")).doesNotExist();
  }

  @Test
  void aModelThatSeesIsNotProvenBlindly() throws IOException {
    Path model = TinyVisionLanguage.in(home.resolve("model"));
    Path blind = questions(Optional.empty(), QUESTIONS);
    assertThatThrownBy(() -> export(model, Optional.empty(), blind, GraphPrecision.FP32, false))
        .hasMessageContaining("0 shows no image; a model that sees is proven on images");
    assertThat(home.resolve("bundle")).doesNotExist();
  }

  @Test
  void aTableOfImagesThatAreNotThereFailsBeforeTheWork() throws IOException {
    Path model = TinyVisionLanguage.in(home.resolve("model"));
    Path lost = questions(Optional.of(home.resolve("lost")), QUESTIONS);
    List<String> progress = new ArrayList<>();
    assertThatThrownBy(
            () ->
                new AnswerExport(
                        Optional.empty(),
                        home.resolve("bundle"),
                        false,
                        new ClipBundle.Settings(GraphPrecision.FP32, Opset.DEFAULT, false, 2),
                        Optional.of(lost),
                        QUESTIONS,
                        Optional.empty(),
                        "test",
                        new CountOrAuto.Count(2))
                    .onnx(model, line -> {}, progress::add))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(home.resolve("lost/0.png").toString());
    assertThat(progress).isEmpty();
    assertThat(home.resolve("bundle")).doesNotExist();
  }
}
