package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.nn.Activation;
import dev.eosin.nn.AdapterDropout;
import dev.eosin.nn.BlockExecution;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Parameter;
import dev.eosin.tower.BertText;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.Projection;
import dev.eosin.tower.TimmImage;
import dev.eosin.tower.Vit;
import dev.eosin.train.StepLosses;
import dev.eosin.train.optimisers.GradientSums;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// What a step leaves out of the inputs of adapters is a function of the sample alone. Its numbers
/// are compared with torch's in `nn.LowRankParityTest`.
class AdapterDropoutTest {
  private static final int ROWS = 7;
  private static final RandomKey KEY = new RandomKey(11);

  /// Towers of both kinds.
  enum Model {
    CLIP(
        new ClipSpec(
            16,
            new Vit(24, 16, 8, 32, 3, 4, 64),
            new Causal(12, 50, 32, 2, 4, 64, new EndOfText.LargestId()),
            Activation.QUICK_GELU)),
    TIMM_AND_BERT(
        new ClipSpec(
            16,
            new TimmImage(
                "toy",
                new TimmImage.Trunk(
                    24, 16, 8, 32, 2, 4, 40, true, OptionalDouble.of(0.5), 1, false),
                TimmImage.Pool.CLASS_TOKEN,
                Projection.LINEAR,
                false),
            new BertText(
                "toy",
                12,
                new BertText.Encoder(12, 50, 32, 2, 4, 48, 2, 0, 1e-12),
                BertText.Pool.FIRST_TOKEN,
                Projection.LINEAR),
            Activation.GELU));

    private final ClipSpec spec;

    Model(ClipSpec spec) {
      this.spec = spec;
    }
  }

  private static LoraSettings lora(double dropout) {
    return new LoraSettings(
        3, 6, List.of(LoraSettings.Place.values()), List.of(LoraSettings.Target.values()), dropout);
  }

  private static Clip adapted(Model model, double dropout, BlockExecution execution) {
    LoraSettings lora = lora(dropout);
    Clip clip =
        Clip.allocate(
            ClipCase.ENGINE,
            model.spec,
            DType.FLOAT32,
            lora.locked(model.spec),
            execution.adapted(lora.adapters()));
    clip.initialise(new RandomKey(3));
    RandomStream random = new RandomKey(9).stream(RandomKey.Purpose.AUGMENTATION, 0, 0);
    for (String name : clip.adapterNames()) {
      clip.parameters().fill(name, () -> 0.1 * random.nextGaussian());
    }
    return clip;
  }

  /// Loss, and gradients by parameter.
  private static Map<String, float[]> gradients(Clip clip, int atOnce, double patchDropout) {
    var found = new TreeMap<String, float[]>();
    long before = ClipCase.ENGINE.openTensors();
    try (GradientSums sums = new GradientSums(ClipCase.ENGINE)) {
      ClipStep step =
          ClipStep.dropping(
              ClipStep.of(clip, PairLoss.CONTRASTIVE, ROWS, atOnce),
              new PatchDropout(patchDropout, KEY),
              clip);
      var losses = new StepLosses();
      step.run(new DrawnRows(clip.spec(), ROWS, 5), 1, losses, sums);
      double loss = losses.sum().total();
      found.put("loss", new float[] {(float) loss});
      for (Parameter parameter : clip.parameters().trainable()) {
        found.put(parameter.name(), sums.of(parameter).toFloats());
      }
    }
    assertThat(ClipCase.ENGINE.openTensors()).isEqualTo(before);
    return found;
  }

  private static void assertClose(Map<String, float[]> found, Map<String, float[]> wanted) {
    assertThat(found.keySet()).isEqualTo(wanted.keySet());
    wanted.forEach(
        (name, values) -> {
          double size = 1;
          for (float value : values) {
            size = Math.max(size, Math.abs(value));
          }
          assertThat(found.get(name))
              .as(name)
              .containsExactly(values, within((float) (1e-5 * size)));
        });
  }

  @ParameterizedTest
  @CsvSource({
    "CLIP, 1, 0",
    "CLIP, 2, 0.5",
    "CLIP, 3, 0.5",
    "CLIP, 6, 0",
    "TIMM_AND_BERT, 1, 0",
    "TIMM_AND_BERT, 3, 0",
    "TIMM_AND_BERT, 4, 0"
  })
  void gradientsInPartsAreThoseOfTheWholeBatch(Model model, int atOnce, double patchDropout) {
    try (Clip clip = adapted(model, 0.3, new BlockExecution(true, true, 0))) {
      Map<String, float[]> whole = gradients(clip, ROWS, patchDropout);
      assertClose(gradients(clip, atOnce, patchDropout), whole);
      try (Clip undropped = adapted(model, 0, new BlockExecution(true, true, 0))) {
        assertThat(gradients(undropped, ROWS, patchDropout).get("loss"))
            .isNotEqualTo(whole.get("loss"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void aBlockThatIsComputedAgainLeavesOutTheSame(Model model) {
    for (int atOnce : new int[] {ROWS, 3}) {
      try (Clip kept = adapted(model, 0.3, new BlockExecution(true, true, 0));
          Clip again = adapted(model, 0.3, new BlockExecution(true, true, 1))) {
        Map<String, float[]> wanted = gradients(kept, atOnce, 0);
        gradients(again, atOnce, 0)
            .forEach((name, values) -> assertThat(values).as(name).isEqualTo(wanted.get(name)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void aShortenedLastBlockLeavesOutTheSame(Model model) {
    try (Clip whole = adapted(model, 0.3, BlockExecution.PLAIN);
        Clip pooled = adapted(model, 0.3, new BlockExecution(true, true, 0))) {
      assertClose(gradients(pooled, ROWS, 0), gradients(whole, ROWS, 0));
    }
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void outsideOfAStepNothingIsLeftOut(Model model) {
    try (Clip dropping = adapted(model, 0.3, new BlockExecution(true, true, 0));
        Clip plain = adapted(model, 0, new BlockExecution(true, true, 0))) {
      var rows = new DrawnRows(model.spec, ROWS, 5);
      for (Tower tower : Tower.values()) {
        assertThat(features(tower, dropping, rows)).isEqualTo(features(tower, plain, rows));
      }
    }
  }

  private static float[] features(Tower tower, Clip clip, StepRows rows) {
    try (Forward graph = new Forward(ClipCase.ENGINE)) {
      return tower.features(graph, clip, rows, 0, ROWS).data().toFloats();
    }
  }

  @Test
  void samplesAndBlocksDrawTheirOwn() {
    try (Clip clip = adapted(Model.CLIP, 0.3, BlockExecution.PLAIN)) {
      float[] first = image(clip, 0, 1);
      assertThat(image(clip, 0, 1)).isEqualTo(first);
      assertThat(image(clip, 0, 2)).isNotEqualTo(first);
      assertThat(image(clip, 7, 1)).isNotEqualTo(first);
    }
  }

  /// Features of one image with what `position` leaves out under the seed.
  private static float[] image(Clip clip, long position, long seed) {
    var rows = new DrawnRows(clip.spec(), 1, 5);
    try (Forward graph = new Forward(ClipCase.ENGINE)) {
      return clip.imageFeatures(
              graph,
              graph.adopt(rows.pixels(0, 1)).data(),
              Optional.empty(),
              Optional.of(new AdapterDropout(new RandomKey(seed), position)))
          .data()
          .toFloats();
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "0.05", "0.3", "0.5", "0.9"})
  void bitsAreOneAsOftenAsAsked(double probability) {
    RandomStream random = KEY.stream(RandomKey.Purpose.ADAPTER_DROPOUT, 0, 0);
    int words = 20_000;
    long ones = 0;
    int[] byPlace = new int[Long.SIZE];
    for (int i = 0; i < words; i++) {
      long bits = random.nextBits(probability);
      ones += Long.bitCount(bits);
      for (int place = 0; place < Long.SIZE; place++) {
        byPlace[place] += (int) (bits >>> place & 1);
      }
    }
    double deviation = Math.sqrt(probability * (1 - probability));
    double draws = (double) words * Long.SIZE;
    assertThat(ones / draws).isCloseTo(probability, within(4 * deviation / Math.sqrt(draws)));
    for (int count : byPlace) {
      assertThat((double) count / words)
          .isCloseTo(probability, within(5 * deviation / Math.sqrt(words)));
    }
  }
}
