package dev.eosin.run.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.CountOrAuto;
import dev.eosin.config.DataException;
import dev.eosin.export.ClipBundle;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.Opset;
import dev.eosin.run.AlbefFamilyTest;
import dev.eosin.run.ExportedRuns;
import dev.eosin.run.QFormerAlignFamilyTest;
import dev.eosin.train.WeightsPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs that draw images and texts together and judge pairs, exported, and compared with their
/// graphs on 520 tiles.
class PairExportTest {
  private static final List<String> SHORT =
      List.of(
          "schedule.length=2 steps",
          "evaluate=[{ type: validation, name: held-out, every: 2 steps }]",
          "data.validation.samples=520");

  @TempDir private Path home;

  private ClipBundle.Written export(Path run, GraphPrecision precision, List<String> notes)
      throws IOException {
    return new PairExport(
            WeightsPart.WEIGHTS,
            home.resolve("bundle"),
            true,
            new ClipBundle.Settings(precision, Opset.DEFAULT, false, 2),
            Optional.empty(),
            520,
            "{}",
            Optional.of("cc-by-4.0"),
            "test",
            new CountOrAuto.Count(2))
        .onnx(run, notes::add, line -> {});
  }

  private void assertBundle() {
    Path bundle = home.resolve("bundle");
    assertThat(bundle.resolve("onnx/model.onnx")).exists();
    assertThat(bundle.resolve("onnx/vision_model.onnx")).exists();
    assertThat(bundle.resolve("onnx/text_model.onnx")).exists();
    assertThat(bundle.resolve("onnx/match_model.onnx")).exists();
    assertThat(bundle.resolve("tokenizer.json")).exists();
    assertThat(bundle.resolve("SHA256SUMS")).content().contains("  preprocessor_config.json");
    assertThat(bundle.resolve("README.md"))
        .content()
        .contains("not a medical device", "`match_logits`: no and yes", "\"cc-by-4.0\"")
        .containsPattern(
            "## What the model reached[^#]+\\| held-out \\| \\w+ \\| [\\d.]+ \\| 2 \\|");
    assertThat(bundle.resolve("blocks")).doesNotExist();
  }

  /// Its features are kept on disk in fp16 and it computes in bf16, which graphs know nothing of.
  @Test
  void graphsOfAFirstStageGiveWhatItGives() throws IOException {
    List<String> overrides = new ArrayList<>(SHORT);
    overrides.addAll(List.of("tower.cache.precision=fp16", "precision=bf16"));
    Path run = ExportedRuns.trained(QFormerAlignFamilyTest.file(home), overrides);
    List<String> notes = new ArrayList<>();
    ClipBundle.Written written = export(run, GraphPrecision.FP32, notes);
    assertThat(written.agreement().tiles()).isEqualTo(520);
    assertThat(written.agreement().difference()).isLessThan(1e-5);
    assertThat(written.agreement().top1Agreement()).isGreaterThan(0.9999);
    assertThat(notes).anyMatch(note -> note.contains("the run computed with precision: bf16"));
    assertBundle();
  }

  @Test
  void graphsOfAnAlbefGiveWhatItGives() throws IOException {
    Path run = ExportedRuns.trained(AlbefFamilyTest.file(home), SHORT);
    ClipBundle.Written written = export(run, GraphPrecision.FP32, new ArrayList<>());
    assertThat(written.agreement().difference()).isLessThan(1e-5);
    // Of texts that are all but equally near the nearest is a matter of the last digit.
    assertThat(written.agreement().top1Agreement()).isGreaterThan(0.99);
    assertBundle();
  }

  @Test
  void narrowGraphsOfAFirstStageAreProvenToo() throws IOException {
    Path run = ExportedRuns.trained(QFormerAlignFamilyTest.file(home), SHORT);
    for (GraphPrecision precision : List.of(GraphPrecision.FP16, GraphPrecision.INT8)) {
      ClipBundle.Written written = export(run, precision, new ArrayList<>());
      assertThat(written.agreement().cosine()).as("%s", precision).isBetween(0.9999, 0.999999999);
      assertThat(written.agreement().top1Agreement()).isGreaterThan(0.99);
      assertThat(home.resolve("bundle/onnx/match_model_%s.onnx".formatted(precision))).exists();
      assertThat(home.resolve("bundle/onnx/model.onnx")).doesNotExist();
    }
  }

  /// Untrained as it is, all texts are all but equally near, and the last digits decide.
  @Test
  void narrowGraphsThatAnswerOtherwiseAreRefusedAndTheBlockIsNamed() throws IOException {
    Path run = ExportedRuns.trained(AlbefFamilyTest.file(home), SHORT);
    assertThatThrownBy(() -> export(run, GraphPrecision.INT8, new ArrayList<>()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("the int8 graphs are not equal to the model on data.validation of")
        .hasMessageMatching("(?s).*; (image|text|match)[a-z.]*blocks\\.\\d drifts most: .*");
    assertThat(home.resolve("bundle")).doesNotExist();
  }

  @Test
  void aTowerThatIsNotWhatItWasIsNamed() throws IOException {
    Path run = ExportedRuns.trained(QFormerAlignFamilyTest.file(home), SHORT);
    for (String name : List.of("open_clip_model.safetensors", "model.safetensors")) {
      Path weights = home.resolve("tower-32").resolve(name);
      byte[] bytes = Files.readAllBytes(weights);
      bytes[bytes.length - 2] ^= 1;
      Files.write(weights, bytes);
    }
    assertThatThrownBy(() -> export(run, GraphPrecision.FP32, new ArrayList<>()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("was trained behind other weights than tower");
    assertThat(home.resolve("bundle")).doesNotExist();
  }
}
