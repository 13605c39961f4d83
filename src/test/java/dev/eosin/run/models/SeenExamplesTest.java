package dev.eosin.run.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.CountOrAuto;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.export.ClipBundle;
import dev.eosin.export.ExampleProgram;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.TileGrid;
import dev.eosin.language.LegibleModel;
import dev.eosin.language.RandomModel;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.Opset;
import dev.eosin.recipe.stored.StoredAnswerers;
import dev.eosin.run.ExportedRuns;
import dev.eosin.run.SmallRun;
import dev.eosin.run.VisionLanguageFamilyTest;
import dev.eosin.run.rehearsals.QFormerInstructFamilyTest;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.vllm.TinyVisionLanguage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The examples of bundles of models that see and speak, run as their users run them: they say of
/// an image what Eosin says.
class SeenExamplesTest {
  private static final String QUESTION = "is the stain dark?";
  private static final int MOST = 32;

  @TempDir private Path home;

  private Path bundle(Path model) throws IOException {
    Path out = home.resolve("bundle");
    new AnswerExport(
            Optional.empty(),
            out,
            false,
            new ClipBundle.Settings(GraphPrecision.FP32, Opset.DEFAULT, false, 2),
            Optional.of(ExportedRuns.questions(home)),
            ExportedRuns.QUESTIONS,
            Optional.empty(),
            "test",
            new CountOrAuto.Count(2))
        .onnx(model, line -> {}, line -> {});
    return out;
  }

  private String said(Path model, Path tile) throws IOException {
    var wanted =
        new StoredLanguage.Wanted(
            model, Optional.empty(), Optional.empty(), false, Optional.of(Base.CONVERTED));
    try (StoredAnswerer stored = StoredAnswerers.open(wanted);
        StoredAnswerer.Loaded loaded =
            stored.load(Engine.start(Device.CPU, 1), GenerationSettings.greedy(MOST))) {
      RgbImage image = new ImageDecoder().decode(Files.readAllBytes(tile), "tile").toRgb();
      var question = new Question("q", List.of(image), QUESTION, List.of(), MOST);
      return loaded.answerer().answer(question).text();
    }
  }

  private Path tile(String name, int width, int height) throws IOException {
    byte[] pixels = new byte[3 * width * height];
    for (int at = 0; at < width * height; at++) {
      int color = at * 7919 + 104_729;
      pixels[3 * at] = (byte) (color >> 16);
      pixels[3 * at + 1] = (byte) (color >> 8);
      pixels[3 * at + 2] = (byte) color;
    }
    return written(name, new RgbImage(width, height, pixels));
  }

  private Path written(String name, RgbImage image) throws IOException {
    var png = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    byte[] pixels = image.pixels();
    for (int at = 0; at < pixels.length / 3; at++) {
      int color =
          (pixels[3 * at] & 255) << 16 | (pixels[3 * at + 1] & 255) << 8 | pixels[3 * at + 2] & 255;
      png.setRGB(at % image.width(), at / image.width(), color);
    }
    Path file = home.resolve(name);
    ImageIO.write(png, "png", file.toFile());
    return file;
  }

  private static int side(Path bundle) throws IOException {
    JsonNode rules =
        new ObjectMapper().readTree(bundle.resolve("preprocessor_config.json").toFile());
    return rules.path("crop_size").path("height").intValue();
  }

  /// In Java of images as large as the input, in Python of any.
  private void assertExamples(Path model) throws Exception {
    Path bundle = bundle(model);
    int side = side(bundle);
    Path square = tile("square.png", side, side);
    String wanted = said(model, square).strip();
    assertThat(wanted).hasSizeGreaterThanOrEqualTo(MOST);
    assertThat(ExampleProgram.java(bundle, "examples/Answer.java", QUESTION, square.toString()))
        .isEqualTo(wanted);
    assertRefused(bundle, tile("large.png", side + 1, side));
    Path wide = tile("wide.png", 2 * side + 5, side + 8);
    assertThat(ExampleProgram.python(bundle, "examples/answer.py", QUESTION, wide.toString()))
        .isEqualTo(said(model, wide).strip());
  }

  /// Nothing of an image is left out in silence.
  private static void assertRefused(Path bundle, Path large) {
    assertThatThrownBy(
            () -> ExampleProgram.java(bundle, "examples/Answer.java", QUESTION, large.toString()))
        .hasMessageContaining("large.png: resize it to ");
  }

  @Test
  void programsOfOthersSayWhatAFolderSays() throws Exception {
    assertExamples(LegibleModel.in(TinyVisionLanguage.in(home.resolve("model"))));
  }

  private Path run(String... overrides) throws IOException {
    Path decoder = home.resolve("decoder");
    RandomModel.write(decoder);
    LegibleModel.in(decoder);
    SmallRun clip = SmallRun.in(home.resolve("clip"));
    clip.train("schedule.length=1 steps", "evaluate=[]");
    Path recipe = home.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        VisionLanguageFamilyTest.RECIPE.formatted(clip.folder(), decoder, home.resolve("run")));
    List<String> all = new ArrayList<>(List.of("evaluate=[]", "schedule.length=2 steps"));
    all.addAll(List.of(overrides));
    return ExportedRuns.trained(recipe, all);
  }

  /// Images are laid on a square.
  @Test
  void programsOfOthersSayWhatARunSays() throws Exception {
    assertExamples(run("text.images=pad"));
  }

  /// Python lays out the tiles of an image, Java is given them.
  @Test
  void programsOfOthersSayWhatAConnectorSays() throws Exception {
    Path model = run("model.projector={ type: connector, layers: 1, heads: 2, mlp-width: 24 }");
    Path bundle = bundle(model);
    var grid = TileGrid.paLlava(side(bundle));
    Path wide = tile("wide.png", 2 * grid.tile() + 5, grid.tile() + 8);
    String wanted = said(model, wide).strip();
    RgbImage image = new ImageDecoder().decode(Files.readAllBytes(wide), "wide").toRgb();
    List<String> arguments =
        new ArrayList<>(List.of(QUESTION, written("whole.png", grid.squashed(image)).toString()));
    for (RgbImage tile : grid.tiles(image)) {
      arguments.add(written("tile-%d.png".formatted(arguments.size()), tile).toString());
    }
    assertThat(
            ExampleProgram.java(bundle, "examples/Answer.java", arguments.toArray(String[]::new)))
        .isEqualTo(wanted);
    assertThat(ExampleProgram.python(bundle, "examples/answer.py", QUESTION, wide.toString()))
        .isEqualTo(wanted);
  }

  @Test
  void programsOfOthersSayWhatASecondStageSays() throws Exception {
    Path recipe = QFormerInstructFamilyTest.file(home);
    LegibleModel.in(home.resolve("language"));
    assertExamples(ExportedRuns.trained(recipe, List.of("schedule.length=2 steps", "evaluate=[]")));
  }

  @Test
  void programsOfOthersSayWhatASecondStageBeforeT5Says() throws Exception {
    Path t5 = LegibleModel.in(TinyLanguage.t5(home.resolve("t5")));
    assertExamples(
        ExportedRuns.trained(
            QFormerInstructFamilyTest.file(home),
            List.of(
                "schedule.length=2 steps",
                "evaluate=[]",
                "qformer.instructed=false",
                "text.qformer-tokenizer=null",
                "language={ path: \"%s\", base: converted }".formatted(t5))));
  }
}
