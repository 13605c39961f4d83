package dev.eosin.run.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.config.CountOrAuto;
import dev.eosin.export.AnswerBundle;
import dev.eosin.export.ClipBundle;
import dev.eosin.language.TinyLanguage;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.Opset;
import dev.eosin.run.ExportedRuns;
import dev.eosin.run.rehearsals.QFormerInstructFamilyTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A run of a Q-Former before a decoder, exported with its tower and its language model, and
/// compared with its graphs on 512 questions about tiles.
class ReaderExportTest {
  @TempDir private Path home;

  /// The language model's weights are bf16, which the run widens (converted); the Q-Former reads
  /// the questions, or nothing; the one computed in bf16, which is said.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void graphsOfARunGiveWhatItGives(boolean instructed) throws IOException {
    List<String> overrides =
        instructed
            ? List.of("schedule.length=2 steps", "precision=bf16")
            : List.of(
                "schedule.length=2 steps",
                "qformer.instructed=false",
                "text.qformer-tokenizer=null");
    Path run = ExportedRuns.trained(QFormerInstructFamilyTest.file(home), overrides);
    List<String> notes = new ArrayList<>();
    AnswerBundle.Written written = export(run, notes);
    assertThat(notes.stream().anyMatch(note -> note.contains("computed with precision: bf16")))
        .isEqualTo(instructed);
    assertThat(written.agreement().difference()).isLessThan(1e-5);
    assertThat(written.agreement().tokenAgreement()).isEqualTo(1);
    Path bundle = home.resolve("bundle");
    assertThat(bundle.resolve("onnx")).isDirectoryContaining("glob:**vision_encoder.onnx");
    assertThat(bundle.resolve("onnx/embed_tokens.onnx")).exists();
    assertThat(bundle.resolve("onnx/decoder_model_merged.onnx")).exists();
    assertThat(bundle.resolve("tokenizer.json")).exists();
    assertThat(bundle.resolve("preprocessor_config.json")).content().contains("\"shortest_edge\"");
    assertThat(Files.exists(bundle.resolve("qformer_tokenizer/tokenizer.json")))
        .isEqualTo(instructed);
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

  /// The language model reads the image's tokens by its encoder.
  @Test
  void beforeT5ThereAreFourGraphs() throws IOException {
    Path t5 = TinyLanguage.t5(home.resolve("t5"));
    Path run =
        ExportedRuns.trained(
            QFormerInstructFamilyTest.file(home),
            List.of(
                "schedule.length=2 steps",
                "evaluate=[]",
                "language={ path: \"%s\", base: converted }".formatted(t5)));
    AnswerBundle.Written written = export(run, new ArrayList<>());
    assertThat(written.agreement().difference()).isLessThan(2e-5);
    assertThat(written.agreement().tokenAgreement()).isGreaterThan(0.999);
    assertThat(home.resolve("bundle/onnx/encoder_model.onnx")).exists();
    assertThat(home.resolve("bundle/onnx/vision_encoder.onnx")).exists();
    assertThat(home.resolve("bundle/triton/embed_tokens/1/model.onnx")).exists();
  }
}
