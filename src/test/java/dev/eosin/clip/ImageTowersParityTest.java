package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.clip.spec.BareTower;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.ImageTowerWeights;
import dev.eosin.clip.stored.StartingWeights;
import dev.eosin.config.DataException;
import dev.eosin.nn.BlockExecution;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A CLIP that starts from an image tower alone sees with it what timm and transformers see.
@Tag("parity")
class ImageTowersParityTest {
  private static final ParityCase CASE = ParityCase.own("image-towers");
  private static final int WIDTH = 24;
  private static final String MODEL =
      """
      { "embed_dim": %d, "quick_gelu": %s,
        "vision_cfg": { "image_size": 16, "layers": 1, "width": 16, "head_width": 8, "patch_size": 8 },
        "text_cfg": { "context_length": 8, "vocab_size": 50, "width": 16, "heads": 2, "layers": 1 } }
      """;

  @TempDir private Path home;

  private ModelSettings settings(
      int embedSize, boolean quick, WeightsSettings rest, Path from, BareTower.Pool pool)
      throws IOException {
    Path config = Files.writeString(home.resolve("model.json"), MODEL.formatted(embedSize, quick));
    return new ModelSettings(
        Optional.empty(),
        Optional.of(config),
        Optional.of(rest),
        Optional.of(new ImageTowerSettings(from, Optional.empty(), pool)),
        ModelSettings.TextPositions.INTERPOLATE,
        0,
        Optional.empty());
  }

  private ModelSettings settings(int embedSize, boolean quick, Path from, BareTower.Pool pool)
      throws IOException {
    return settings(embedSize, quick, new WeightsSettings.Random(), from, pool);
  }

  private static Clip loaded(ModelSettings settings, int size) throws DataException {
    ClipSpec spec = settings.spec().withInput(size, size, 8);
    Clip clip = Clip.allocate(ClipCase.ENGINE, spec, DType.FLOAT32, true, BlockExecution.PLAIN);
    clip.initialise(new RandomKey(1));
    try (ImageTowerWeights weights =
        ImageTowerWeights.open(settings.imageTower().orElseThrow(), spec)) {
      weights.fill(clip);
    }
    return clip;
  }

  private static void assertSees(Clip clip, String pixels, String expected) throws IOException {
    try (StoredTensors golden = StoredTensors.open(CASE.file("golden.safetensors"));
        Forward graph = new Forward(ClipCase.ENGINE);
        Tensor input =
            ClipCase.ENGINE.of(
                golden.floats(pixels),
                golden.header(pixels).shape().stream().mapToLong(Long::longValue).toArray())) {
      float[] found = clip.imageFeatures(graph, input).data().toFloats();
      assertThat(found).hasSameSizeAs(golden.floats(expected));
      float[] vectors = golden.floats(expected);
      int width = found.length / golden.header(expected).shape().getFirst().intValue();
      for (int row = 0; row < found.length; row += width) {
        double length = 0;
        for (int i = 0; i < width; i++) {
          length += Math.pow(vectors[row + i], 2);
        }
        for (int i = 0; i < width; i++) {
          assertThat((double) found[row + i])
              .isCloseTo(vectors[row + i] / Math.sqrt(length), within(1e-5));
        }
      }
    }
  }

  private static void projectNothing(Clip clip, String projection) {
    int[] place = {0};
    clip.parameters().fill(projection, () -> place[0]++ % (WIDTH + 1) == 0 ? 1 : 0);
  }

  @ParameterizedTest
  @CsvSource({
    "uni, 24, CLASS_TOKEN, ''",
    "uni, 40, CLASS_TOKEN, ''",
    "uni, 40, MEAN, -mean",
    "uni2, 24, CLASS_TOKEN, ''",
    "uni2, 40, CLASS_TOKEN, ''",
    "uni2, 24, MEAN, -mean"
  })
  void aTowerOfTimmsSeesAsTimmSees(String name, int size, BareTower.Pool pool, String suffix)
      throws IOException {
    try (Clip clip = loaded(settings(WIDTH, false, CASE.file(name), pool), size)) {
      projectNothing(clip, "image.projection.0.weight");
      assertSees(clip, "pixels-" + size, name + "-" + size + suffix);
    }
  }

  @Test
  void aVisionModelOfHuggingFaceSeesAsTransformersSees() throws IOException {
    Path alone = CASE.file("vision-alone");
    try (Clip clip = loaded(settings(WIDTH, true, alone, BareTower.Pool.CLASS_TOKEN), 24)) {
      projectNothing(clip, "image.projection");
      assertSees(clip, "pixels-24", "vision-24");
    }
    Path projecting = CASE.file("vision");
    try (Clip clip = loaded(settings(16, true, projecting, BareTower.Pool.CLASS_TOKEN), 24)) {
      assertSees(clip, "pixels-24", "vision-24-projected");
    }
  }

  @Test
  void theRestComesFromAnotherModel() throws IOException {
    ParityCase other = ParityCase.own("openclip-gelu");
    var settings =
        new ModelSettings(
            Optional.empty(),
            Optional.of(other.file("config.json")),
            Optional.of(new WeightsSettings.OpenClip(other.file("model.safetensors"))),
            Optional.of(
                new ImageTowerSettings(
                    CASE.file("uni"), Optional.empty(), BareTower.Pool.CLASS_TOKEN)),
            ModelSettings.TextPositions.INTERPOLATE,
            0,
            Optional.empty());
    ClipSpec own = settings.spec();
    ClipSpec spec = own.withInput(24, 24, own.text().context());
    try (Clip clip =
            Clip.allocate(ClipCase.ENGINE, spec, DType.FLOAT32, true, BlockExecution.PLAIN);
        StartingWeights rest = StartingWeights.open(settings, spec).orElseThrow();
        StoredTensors file = StoredTensors.open(other.file("model.safetensors"));
        StoredTensors tower = StoredTensors.open(CASE.file("uni"))) {
      rest.fill(clip);
      try (ImageTowerWeights image =
          ImageTowerWeights.open(settings.imageTower().orElseThrow(), spec)) {
        image.fill(clip);
        assertThat(image.notes()).anyMatch(note -> note.contains("projection to the embedding"));
      }
      assertThat(values(clip, "text.projection")).isEqualTo(file.floats("text_projection"));
      assertThat(values(clip, "logit-scale")).isEqualTo(file.floats("logit_scale"));
      assertThat(values(clip, "image.final-norm.weight")).isEqualTo(tower.floats("norm.weight"));
    }
  }

  private static float[] values(Clip clip, String name) {
    return clip.parameters().get(name).master().toFloats();
  }

  @Test
  void whatDoesNotGoTogetherIsRefusedInOneLine() throws IOException {
    Path vision = CASE.file("vision");
    assertThatThrownBy(() -> settings(WIDTH, false, vision, BareTower.Pool.CLASS_TOKEN).spec())
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("computes with quick_gelu", "-quickgelu");
    Path bare = Files.createDirectory(home.resolve("bare"));
    Files.copy(CASE.file("uni/model.safetensors"), bare.resolve("model.safetensors"));
    assertThatThrownBy(() -> settings(WIDTH, false, bare, BareTower.Pool.CLASS_TOKEN).spec())
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("has no config.json", "model.image-tower.config");
    Files.copy(CASE.file("uni2/config.json"), bare.resolve("config.json"));
    ModelSettings other = settings(WIDTH, false, bare, BareTower.Pool.CLASS_TOKEN);
    assertThatThrownBy(() -> ImageTowerWeights.open(other.imageTower().orElseThrow(), other.spec()))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("reg_token", "missing");
  }
}
