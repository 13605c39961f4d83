package dev.eosin.run.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.CountOrAuto;
import dev.eosin.config.DataException;
import dev.eosin.export.AnswerBundle;
import dev.eosin.export.ClipBundle;
import dev.eosin.language.RandomModel;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.Opset;
import dev.eosin.run.ExportedRuns;
import dev.eosin.run.SmallRun;
import dev.eosin.run.VisionLanguageFamilyTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs of models of images and text, exported from their checkpoints, and compared with their
/// graphs on 512 questions about tiles.
class VisionLanguageExportTest {
  @TempDir private Path home;
  private Path recipe;

  @BeforeEach
  void parts() throws IOException {
    Path decoder = home.resolve("decoder");
    RandomModel.write(decoder);
    SmallRun clip = SmallRun.in(home.resolve("clip"));
    clip.train("schedule.length=1 steps", "evaluate=[]");
    recipe = home.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        VisionLanguageFamilyTest.RECIPE.formatted(clip.folder(), decoder, home.resolve("run")));
  }

  private Path trained(String... overrides) throws IOException {
    List<String> all = new ArrayList<>(List.of(overrides));
    all.addAll(
        List.of(
            "evaluate=[{ type: loss, name: held-out, every: 3 steps }]",
            "schedule.length=3 steps",
            "optimizer.lr=3e-2"));
    return ExportedRuns.trained(recipe, all);
  }

  private AnswerBundle.Written export(Path run, List<String> notes) throws IOException {
    return new AnswerExport(
            Optional.empty(),
            home.resolve("bundle"),
            false,
            new ClipBundle.Settings(GraphPrecision.FP32, Opset.DEFAULT, false, 2),
            Optional.of(ExportedRuns.questions(home)),
            ExportedRuns.QUESTIONS,
            Optional.empty(),
            "test",
            new CountOrAuto.Count(2))
        .onnx(run, notes::add, line -> {});
  }

  /// Adapters of several ranks over bf16 weights that stay in their file, and the tower beside.
  @Test
  void adaptersOfARunAreMergedAndItsPartsJoined() throws IOException {
    List<String> notes = new ArrayList<>();
    AnswerBundle.Written written = export(trained("precision=bf16"), notes);
    assertThat(written.agreement().difference()).isLessThan(5e-5);
    assertThat(written.agreement().tokenAgreement()).isEqualTo(1);
    assertThat(notes).anyMatch(note -> note.contains("the run computed with precision: bf16"));
    Path bundle = home.resolve("bundle");
    assertThat(bundle.resolve("onnx/vision_encoder.onnx")).exists();
    assertThat(bundle.resolve("onnx/embed_tokens.onnx")).exists();
    assertThat(bundle.resolve("onnx/decoder_model_merged.onnx")).exists();
    assertThat(bundle.resolve("config.json")).content().contains("LlavaForConditionalGeneration");
    assertThat(bundle.resolve("preprocessor_config.json")).exists();
    assertThat(bundle.resolve("tokenizer.json")).exists();
    assertThat(bundle.resolve("SHA256SUMS")).content().contains("tokenizer.json");
    assertThat(bundle.resolve("README.md"))
        .content()
        .contains("## What the model reached", "| held-out | loss | ");
  }

  /// transformers has no such model: the configuration is the language model's.
  @Test
  void aConnectorThatLooksAtTilesAndATrainedDecoderAreInTheGraphs() throws IOException {
    AnswerBundle.Written written =
        export(
            trained(
                "lora=null",
                "trains={ projector: true, decoder: true, tower-blocks: 1 }",
                "model.projector={ type: connector, layers: 1, heads: 2, mlp-width: 24 }"),
            new ArrayList<>());
    assertThat(written.agreement().difference()).isLessThan(5e-5);
    assertThat(written.agreement().tokenAgreement()).isEqualTo(1);
    assertThat(home.resolve("bundle/config.json")).content().contains("\"llama\"");
  }

  @Test
  void aDecoderThatIsNotWhatItWasIsNamed() throws IOException {
    Path run = trained();
    Path weights = home.resolve("decoder/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 2] ^= 1;
    Files.write(weights, bytes);
    assertThatThrownBy(() -> export(run, new ArrayList<>()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("was trained beside other weights than model.decoder");
    assertThat(home.resolve("bundle")).doesNotExist();
  }
}
