package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.OpenClipConfig;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.config.DataException;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.Vit;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClipTest {
  /// 40 x 24 px in patches of 8: a grid of 5 x 3.
  private static final ClipSpec SPEC =
      new ClipSpec(
          16,
          new Vit(40, 24, 8, 32, 2, 4, 64),
          new Causal(12, 50, 32, 2, 4, 64, new EndOfText.LargestId()),
          Activation.QUICK_GELU);

  @TempDir Path folder;

  private static Clip model(DType compute, BlockExecution execution) {
    Clip clip = Clip.allocate(ClipCase.ENGINE, SPEC, compute, true, execution);
    clip.initialise(new RandomKey(3));
    return clip;
  }

  private static double deviation(Clip clip, String name) {
    float[] values = clip.parameters().get(name).data().toFloats();
    double sum = 0;
    for (float value : values) {
      sum += value * value;
    }
    return Math.sqrt(sum / values.length);
  }

  @Test
  void imagePositionsStartAsWideAsAskedAndNothingElseDoes() {
    try (Clip usual = model(DType.FLOAT32, BlockExecution.PLAIN);
        Clip wide = model(DType.FLOAT32, BlockExecution.PLAIN)) {
      wide.initialise(new RandomKey(3), Optional.of(0.3));
      assertThat(deviation(usual, "image.position-embedding"))
          .isCloseTo(Math.pow(32, -0.5), within(0.02));
      assertThat(deviation(wide, "image.position-embedding")).isCloseTo(0.3, within(0.03));
      for (String name : List.of("text.position-embedding", "image.class-token")) {
        assertThat(deviation(wide, name)).isEqualTo(deviation(usual, name));
      }
    }
  }

  private static Tensor pixels() {
    RandomStream random = new RandomKey(1).stream(RandomKey.Purpose.AUGMENTATION, 0, 0);
    float[] values = new float[3 * 3 * 40 * 24];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return ClipCase.ENGINE.of(values, 3, 3, 40, 24);
  }

  private static Tensor ids() {
    return ClipCase.ENGINE.of(
        new long[] {48, 3, 4, 49, 0, 0, 48, 7, 8, 9, 10, 49, 48, 49, 0, 0, 0, 0}, 3, 6);
  }

  private static Map<String, float[]> gradients(Clip clip, double[] loss) {
    var gradients = new TreeMap<String, float[]>();
    try (Tape tape = new Tape(ClipCase.ENGINE);
        Tensor pixels = pixels();
        Tensor ids = ids()) {
      Value value =
          PairLoss.CONTRASTIVE.of(
              tape,
              clip.logits(),
              clip.imageFeatures(tape, pixels),
              clip.textFeatures(tape, ids),
              List.of());
      loss[0] = value.data().toFloat();
      tape.backward(value, (ready, values) -> OpenClipParity.collect(gradients, ready, values));
    }
    return gradients;
  }

  @Test
  void imagesThatAreNotSquareTrainTheSameInEveryExecution() {
    double[] loss = new double[1];
    try (Clip plain = model(DType.FLOAT32, BlockExecution.PLAIN);
        Clip fast = model(DType.FLOAT32, new BlockExecution(true, true, 0))) {
      Map<String, float[]> expected = gradients(plain, loss);
      double plainLoss = loss[0];
      Map<String, float[]> found = gradients(fast, loss);
      assertThat(loss[0]).isCloseTo(plainLoss, within(1e-5));
      assertThat(found.keySet()).isEqualTo(expected.keySet()).hasSize(Clip.weights(SPEC).size());
      expected.forEach(
          (name, values) ->
              assertThat(found.get(name))
                  .as(name)
                  .containsExactly(values, within(1e-5f * largest(values))));
    }
  }

  private static float largest(float[] values) {
    float largest = 1;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  @Test
  void bfloat16GivesNearlyTheSameLossAndGradientDirection() {
    double[] loss = new double[1];
    try (Clip wide = model(DType.FLOAT32, new BlockExecution(true, true, 0));
        Clip narrow = model(DType.BFLOAT16, new BlockExecution(true, true, 0))) {
      Map<String, float[]> expected = gradients(wide, loss);
      double wideLoss = loss[0];
      Map<String, float[]> found = gradients(narrow, loss);
      assertThat(loss[0]).isCloseTo(wideLoss, within(0.05));
      expected.forEach(
          (name, values) -> {
            boolean zero = name.endsWith("query-key-value.bias") || values.length == 1;
            if (!zero) {
              float[] other = java.util.Objects.requireNonNull(found.get(name));
              assertThat(cosine(values, other)).as(name).isGreaterThan(0.95);
            }
          });
    }
  }

  private static double cosine(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb + 1e-30);
  }

  @Test
  void idsMayBeCutAfterTheLongestCaption() {
    try (Clip clip = model(DType.FLOAT32, new BlockExecution(true, true, 0));
        Forward graph = new Forward(ClipCase.ENGINE);
        Tensor shorter = ids();
        Tensor longer =
            ClipCase.ENGINE.of(
                new long[] {
                  48, 3, 4, 49, 0, 0, 0, 0, 0, 48, 7, 8, 9, 10, 49, 0, 0, 0, 48, 49, 0, 0, 0, 0, 0,
                  0, 0
                },
                3,
                9)) {
      float[] cut = clip.textFeatures(graph, shorter).data().toFloats();
      float[] whole = clip.textFeatures(graph, longer).data().toFloats();
      assertThat(cut).containsExactly(whole, within(1e-6f));
    }
  }

  @Test
  void weightsRoundTripThroughOpenClipNamesToTheBit() throws DataException {
    Path file = folder.resolve("open_clip_model.safetensors");
    try (Clip clip = model(DType.FLOAT32, BlockExecution.PLAIN);
        Clip other =
            Clip.allocate(ClipCase.ENGINE, SPEC, DType.FLOAT32, true, BlockExecution.PLAIN)) {
      SafetensorsWriter writer =
          ClipWeights.openClip(SPEC)
              .writePending(ClipWeights.tensors(clip), Map.of("format", "pt"));
      writer.write(file);
      try (SafetensorsFile stored = SafetensorsFile.open(file)) {
        ClipWeights.load(other, ClipWeights.openClip(SPEC), stored);
      }
      clip.parameters()
          .all()
          .forEach(
              p ->
                  assertThat(other.parameters().get(p.name()).data().toFloats())
                      .as(p.name())
                      .containsExactly(p.data().toFloats()));
    }
  }

  @Test
  void idsOutsideTheVocabularyAreAnErrorAndNotACrash() {
    try (Clip clip = model(DType.FLOAT32, BlockExecution.PLAIN);
        Forward graph = new Forward(ClipCase.ENGINE);
        Tensor ids = ClipCase.ENGINE.of(new long[] {48, 50, 49}, 1, 3)) {
      assertThatThrownBy(() -> clip.textFeatures(graph, ids))
          .hasMessageContaining("kernel embed_text")
          .hasMessageContaining("index out of range");
    }
  }

  @Test
  void aConfigurationWithAnOptionItDoesNotKnowIsRefusedByName() throws Exception {
    var root = new ObjectMapper().readTree(OpenClipConfig.write(SPEC).toString());
    ((com.fasterxml.jackson.databind.node.ObjectNode) root.get("vision_cfg"))
        .put("attentional_pool", true);
    assertThatThrownBy(() -> OpenClipConfig.read("config.json", root))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("config.json: vision_cfg.attentional_pool is true");
    assertThat(
            OpenClipConfig.read(
                "c", new ObjectMapper().readTree(OpenClipConfig.write(SPEC).toString())))
        .isEqualTo(SPEC);
    assertThat(SPEC.image().tokens()).isEqualTo(16);
  }
}
