package dev.eosin.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.image.RgbImage;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.graphs.GraphAnswers;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.recipe.stored.StoredAnswerers;
import dev.eosin.recipe.stored.StoredPairs;
import dev.eosin.run.ExportedRuns;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.train.WeightsPart;
import dev.eosin.vllm.TinyVisionLanguage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Of graphs of every family of which one weight differs, the block of that weight is named: beside
/// graphs with the right weight, and beside the model itself.
class GraphDriftTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final ClipBundle.Settings NARROW =
      new ClipBundle.Settings(GraphPrecision.FP16, Opset.DEFAULT, false, 2);

  private static final ClipBundle.Settings WIDE =
      new ClipBundle.Settings(GraphPrecision.FP32, Opset.DEFAULT, false, 2);

  @TempDir private Path home;

  private interface Graphs {
    Map<String, OnnxModel> of(StoredTensors weights) throws DataException;
  }

  /// @param graphs in fp32, whatever the precision: the weight alone differs
  private void assertNamed(
      StoredTensors own,
      List<String> weights,
      Graphs graphs,
      GraphDrift.Driver driver,
      boolean chained,
      GraphDrift.Samples samples)
      throws IOException {
    assertThat(own.names()).containsAll(weights);
    for (String weight : weights) {
      var spoiled = new SpoiledWeights(own, weight);
      named(own, spoiled, graphs, driver);
      namedBesideTheModel(spoiled, graphs, chained, samples);
    }
    assertThat(home.resolve("bundle")).doesNotExist();
  }

  private void named(
      StoredTensors own, SpoiledWeights other, Graphs graphs, GraphDrift.Driver driver)
      throws IOException {
    try (BundleFolder folder =
        BundleFolder.begin(home.resolve("bundle"), false, false, List.of())) {
      var drift =
          new GraphDrift(
              folder,
              NARROW,
              precision -> graphs.of(precision == GraphPrecision.FP32 ? own : other));
      assertThat(new BlockDrift(drift.blocks(driver)).worst().orElseThrow().name())
          .endsWith(other.block());
    }
  }

  private void namedBesideTheModel(
      SpoiledWeights other, Graphs graphs, boolean chained, GraphDrift.Samples samples)
      throws IOException {
    try (BundleFolder folder =
        BundleFolder.begin(home.resolve("bundle"), false, false, List.of())) {
      var drift = new GraphDrift(folder, WIDE, precision -> graphs.of(other));
      assertThat(new BlockDrift(drift.ofModel(ENGINE, chained, samples)).worst().orElseThrow())
          .satisfies(
              block -> {
                assertThat(block.name()).endsWith(other.block());
                assertThat(block.grown()).isGreaterThan(1e-4);
              });
    }
  }

  private static RgbImage tile(int side, int number) {
    byte[] pixels = new byte[3 * side * side];
    for (int at = 0; at < pixels.length; at++) {
      pixels[at] = (byte) (number * 31 + at * (7 + number));
    }
    return new RgbImage(side, side, pixels);
  }

  private void assertAnswering(Path path, boolean sees, String... spoiled) throws IOException {
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      List<RgbImage> images = sees ? List.of(tile(20, i)) : List.of();
      questions.add(new Question("q" + i, images, "is the stain dark?", List.of(), 2));
    }
    var wanted = new StoredLanguage.Wanted(path, Optional.empty(), Optional.empty(), false);
    try (StoredAnswerer model = StoredAnswerers.open(wanted)) {
      ExportedFamily family = StoredAnswerers.exported(model).orElseThrow();
      try (StoredTensors own = family.weights()) {
        assertNamed(
            own,
            List.of(spoiled),
            weights -> family.graphs(weights, Opset.DEFAULT, GraphPrecision.FP32),
            sessions -> {
              try (GraphAnswers both = family.opened(ENGINE, sessions)) {
                both.compare(questions, 1, (one, graphs) -> {});
              }
            },
            true,
            new AnswerDrift.Asking(family, questions));
      }
    }
  }

  private void assertJudging(Path run, String... spoiled) throws IOException {
    try (StoredPairs stored = StoredPairs.at(run, WeightsPart.WEIGHTS).orElseThrow();
        StoredTensors own = stored.family().weights();
        ExportedPairs.Opened model = stored.family().opened(ENGINE)) {
      List<HeldOut.Tile> tiles = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        RgbImage image = tile(40, i);
        tiles.add(new HeldOut.Tile("tile " + i, () -> image, OptionalInt.empty()));
      }
      var heldOut =
          new HeldOut(
              "drawn",
              "drawn",
              "",
              tiles,
              List.of(List.of("mucus"), List.of("the tissue is dark")),
              stored.data().image().transforms().evaluation());
      var verification = new PairVerification(stored.family(), model, heldOut, line -> {});
      assertNamed(
          own,
          List.of(spoiled),
          weights -> stored.family().graphs(weights, Opset.DEFAULT, GraphPrecision.FP32),
          sessions -> verification.first(sessions, 2),
          false,
          new PairVerification.Asking(stored.family(), heldOut, 2));
    }
  }

  @Test
  void ofAT5() throws IOException {
    assertAnswering(
        TinyLanguage.t5(home.resolve("t5")),
        false,
        "decoder.encoder.blocks.1.mlp.down.weight",
        "decoder.decoder.blocks.1.mlp.down.weight");
  }

  @Test
  void ofAModelInLlavasManner() throws IOException {
    assertAnswering(
        TinyVisionLanguage.in(home.resolve("llava")),
        true,
        "image.blocks.0.mlp.down.weight",
        "projector.linear.1.weight",
        "decoder.blocks.1.mlp.down.weight");
  }

  @Test
  void ofAQFormerBeforeADecoder() throws IOException {
    assertAnswering(
        ExportedRuns.reader(home),
        true,
        "language-projection.weight",
        "decoder.blocks.0.mlp.down.weight");
  }

  @Test
  void ofAQFormerThatIsAligned() throws IOException {
    assertJudging(
        ExportedRuns.alignment(home),
        "qformer.blocks.1.query-mlp.down.weight",
        "qformer.blocks.0.mlp.down.weight");
  }

  @Test
  void ofAnAlbef() throws IOException {
    assertJudging(
        ExportedRuns.albef(home),
        "image.blocks.1.mlp.down.weight",
        "text.blocks.1.mlp.down.weight");
  }
}
