package dev.eosin.run.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.config.CountOrAuto;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.export.ClipBundle;
import dev.eosin.export.ExampleProgram;
import dev.eosin.export.ExportedPairs;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.Opset;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.recipe.stored.StoredPairs;
import dev.eosin.run.AlbefFamilyTest;
import dev.eosin.run.ExportedRuns;
import dev.eosin.run.QFormerAlignFamilyTest;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.train.WeightsPart;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The examples of a bundle of a model that judges pairs, run as their users run them: their
/// cosines are those that Eosin has of the same image and texts.
class PairExamplesTest {
  private static final List<String> SHORT =
      List.of("schedule.length=2 steps", "evaluate=[]", "data.validation.samples=520");
  private static final List<String> TEXTS = List.of("pink tissue", "a blue tile with dense cells");

  @TempDir private Path home;

  private Path bundle(Path run) throws IOException {
    Path out = home.resolve("bundle");
    new PairExport(
            WeightsPart.WEIGHTS,
            out,
            true,
            new ClipBundle.Settings(GraphPrecision.FP32, Opset.DEFAULT, false, 2),
            Optional.empty(),
            520,
            "{}",
            Optional.empty(),
            "test",
            new CountOrAuto.Count(2))
        .onnx(run, line -> {}, line -> {});
    return out;
  }

  /// An image of the model's own size, so that nothing has to be resized.
  private Path image(int side) throws IOException {
    var image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int at = 0; at < side * side; at++) {
      image.setRGB(at % side, at / side, (at * 7919 + 104_729) & 0xffffff);
    }
    Path file = home.resolve("tile.png");
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  private static double[] wanted(StoredPairs run, Path tile) throws IOException {
    RgbImage image =
        run.data()
            .image()
            .transforms()
            .evaluation()
            .apply(
                new ImageDecoder().decode(Files.readAllBytes(tile), "tile"),
                new RandomKey(1).stream(Purpose.AUGMENTATION, 0, 0));
    byte[] pixels = new byte[3 * image.height() * image.width()];
    image.writePlanar(pixels, 0);
    try (ExportedPairs.Opened model = run.family().opened(Engine.start(Device.CPU, 1))) {
      float[] images =
          model
              .images(new BatchImages(pixels, image.height(), image.width(), new int[] {0}))
              .floats();
      List<int[]> ids = new ArrayList<>();
      for (String text : TEXTS) {
        ids.add(run.family().captions().evaluation(text).ids());
      }
      float[] texts = model.texts(CaptionRows.of(ids)).floats();
      int d = texts.length / TEXTS.size();
      double[] best = new double[TEXTS.size()];
      for (int text = 0; text < best.length; text++) {
        best[text] = -1;
        for (int query = 0; query < images.length / d; query++) {
          double cosine = 0;
          for (int i = 0; i < d; i++) {
            cosine += images[query * d + i] * texts[text * d + i];
          }
          best[text] = Math.max(best[text], cosine);
        }
      }
      return best;
    }
  }

  private void assertExamples(Path run) throws Exception {
    try (StoredPairs stored = StoredPairs.at(run, WeightsPart.WEIGHTS).orElseThrow()) {
      int side = stored.data().image().size().height().value();
      Path tile = image(side);
      double[] wanted = wanted(stored, tile);
      Path bundle = bundle(run);
      String texts = String.join(",", TEXTS);
      assertCosines(
          ExampleProgram.java(bundle, "examples/ZeroShot.java", texts, tile.toString()), wanted);
      assertCosines(
          ExampleProgram.python(bundle, "examples/zero_shot.py", texts, tile.toString()), wanted);
    }
  }

  /// A line ends in one number for each text.
  private static void assertCosines(String line, double[] wanted) {
    double[] found =
        Stream.of(line.replaceAll("[\\[\\],]", " ").strip().split("\\s+"))
            .skip(line.replaceAll("[\\[\\],]", " ").strip().split("\\s+").length - wanted.length)
            .mapToDouble(Double::parseDouble)
            .toArray();
    assertThat(found).as(line).containsExactly(wanted, within(1e-4));
  }

  @Test
  void programsOfOthersGiveTheCosinesOfAFirstStage() throws Exception {
    assertExamples(ExportedRuns.trained(QFormerAlignFamilyTest.file(home), SHORT));
  }

  @Test
  void programsOfOthersGiveTheCosinesOfAnAlbef() throws Exception {
    assertExamples(ExportedRuns.trained(AlbefFamilyTest.file(home), SHORT));
  }
}
