package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.config.CountOrAuto;
import dev.eosin.experiment.RunSettings;
import dev.eosin.export.AnswerBundle;
import dev.eosin.export.ClipBundle;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.Opset;
import dev.eosin.recipe.Training;
import dev.eosin.train.RunLog;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A run of a Q-Former before a decoder, exported with its tower and its language model, and
/// compared with its graphs on 512 questions about tiles.
class ReaderExportTest {
  private static final int QUESTIONS = 512;

  @TempDir private Path home;

  private Path questions() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < QUESTIONS; i++) {
      Path tile = home.resolve("tile-%d.png".formatted(i % 5));
      if (i < 5) {
        var image = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
        for (int at = 0; at < 1600; at++) {
          image.setRGB(at % 40, at / 40, (at * 7919 + i * 104_729) & 0xffffff);
        }
        ImageIO.write(image, "png", tile.toFile());
      }
      String words = i % 3 == 0 ? "is the stain dark?" : "the tissue is adipose %d?".formatted(i);
      rows.append("{\"question\": \"%s\", \"image\": \"%s\"}%n".formatted(words, tile));
    }
    return Files.writeString(home.resolve("questions.jsonl"), rows);
  }

  /// The language model's weights are bf16, which the run widens (converted); the Q-Former reads
  /// the questions, or nothing.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void graphsOfARunGiveWhatItGives(boolean instructed) throws IOException {
    List<String> overrides =
        instructed
            ? List.of("tower.cache=null", "schedule.length=2 steps")
            : List.of(
                "tower.cache=null",
                "schedule.length=2 steps",
                "qformer.instructed=false",
                "text.qformer-tokenizer=null");
    RunSettings settings = Training.read(QFormerInstructFamilyTest.file(home), overrides);
    var notes = new SmallRun.Notes();
    try (RunFolder folder = RunFolder.open(settings.output().dir(), false)) {
      folder.changes(home.resolve("recipe.yaml"), settings.resolved());
      new Run(settings, folder, "test", () -> false)
          .run(
              (place, start, data) ->
                  notes.beside(RunLog.open(place.log(), start.step(), start.lastEvaluatedStep())));
    }
    AnswerBundle.Written written =
        new AnswerExport(
                Optional.empty(),
                home.resolve("bundle"),
                false,
                new ClipBundle.Settings(GraphPrecision.FP32, Opset.DEFAULT, false, 2),
                Optional.of(questions()),
                QUESTIONS,
                Optional.empty(),
                "test",
                new CountOrAuto.Count(2))
            .onnx(settings.output().dir(), line -> {});
    assertThat(written.agreement().difference()).isLessThan(1e-5);
    assertThat(written.agreement().tokenAgreement()).isEqualTo(1);
    Path bundle = home.resolve("bundle");
    assertThat(bundle.resolve("onnx")).isDirectoryContaining("glob:**vision_encoder.onnx");
    assertThat(bundle.resolve("onnx/embed_tokens.onnx")).exists();
    assertThat(bundle.resolve("onnx/decoder_model_merged.onnx")).exists();
    assertThat(bundle.resolve("tokenizer.json")).exists();
  }
}
