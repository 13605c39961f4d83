package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.Vit;
import dev.eosin.train.StepLosses;
import dev.eosin.train.optimisers.GradientSums;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PatchDropoutTest {
  private static final ClipSpec SPEC =
      new ClipSpec(
          16,
          new Vit(24, 16, 8, 32, 3, 4, 64),
          new Causal(12, 50, 32, 2, 4, 64, new EndOfText.LargestId()),
          Activation.GELU);
  private static final PatchDropout HALF = new PatchDropout(0.5, new RandomKey(11));
  private static final int PATCHES = 6;

  private static Clip model() {
    Clip clip =
        Clip.allocate(
            ClipCase.ENGINE, SPEC, DType.FLOAT32, true, new BlockExecution(true, true, 0));
    clip.initialise(new RandomKey(3));
    return clip;
  }

  @ParameterizedTest
  @CsvSource({"49, 0.5, 24", "196, 0.5, 98", "49, 0.25, 36", "6, 0.3, 4", "3, 0.9, 1", "7, 0, 7"})
  void asManyPatchesStayAsInOpenClip(int patches, double share, int kept) {
    var dropout = new PatchDropout(share, new RandomKey(0));
    assertThat(dropout.kept(patches)).isEqualTo(kept);
    long[] places = dropout.places(5, patches);
    assertThat(places).hasSize(1 + kept).isSorted().doesNotHaveDuplicates().startsWith(0);
    assertThat(places[kept]).isLessThanOrEqualTo(patches);
  }

  @Test
  void everySampleDrawsItsOwnPatchesAndEachPatchIsKeptAsOftenAsTheOthers() {
    Set<String> drawn = new HashSet<>();
    int[] counts = new int[PATCHES + 1];
    for (int position = 0; position < 4000; position++) {
      long[] places = HALF.places(position, PATCHES);
      assertThat(HALF.places(position, PATCHES)).isEqualTo(places);
      drawn.add(Arrays.toString(places));
      LongStream.of(places).forEach(place -> counts[(int) place]++);
    }
    assertThat(drawn).as("3 of 6").hasSize(20);
    assertThat(counts[0]).isEqualTo(4000);
    for (int place = 1; place <= PATCHES; place++) {
      assertThat(counts[place]).as("patch " + place).isBetween(1880, 2120);
    }
  }

  @Test
  void featuresDependOnTheKeptPatchesAlone() {
    try (Clip clip = model();
        Tensor kept = ClipCase.ENGINE.of(new long[] {0, 2, 5, 6}, 1, 4)) {
      float[] wanted = features(clip, Optional.of(kept), 0);
      for (int patch = 1; patch <= PATCHES; patch++) {
        float[] found = features(clip, Optional.of(kept), patch);
        if (patch == 2 || patch >= 5) {
          assertThat(found).as("patch " + patch).isNotEqualTo(wanted);
        } else {
          assertThat(found).as("patch " + patch).isEqualTo(wanted);
        }
      }
    }
  }

  @Test
  void keepingEveryTokenIsTheWholeImage() {
    try (Clip clip = model();
        Tensor all = ClipCase.ENGINE.of(new long[] {0, 1, 2, 3, 4, 5, 6}, 1, 7)) {
      assertThat(features(clip, Optional.of(all), 0))
          .isEqualTo(features(clip, Optional.empty(), 0));
    }
  }

  /// Of a drawn image whose patch `changed`, counted from 1, is another; 0 for none.
  private static float[] features(Clip clip, Optional<Tensor> kept, int changed) {
    try (Tensor drawn = new DrawnRows(SPEC, 1, 4).pixels(0, 1);
        Forward graph = new Forward(ClipCase.ENGINE)) {
      float[] values = drawn.toFloats();
      if (changed > 0) {
        int row = (changed - 1) / 2 * 8;
        int column = (changed - 1) % 2 * 8;
        values[row * 16 + column] += 3;
      }
      try (Tensor pixels = ClipCase.ENGINE.of(values, 1, 3, 24, 16)) {
        return clip.imageFeatures(graph, pixels, kept, Optional.empty()).data().toFloats();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 6})
  void everySizeOfPartsGivesTheGradientsOfTheWholeStep(int micro) {
    try (Clip clip = model()) {
      Map<String, float[]> whole = gradients(clip, new WholeStep(clip, PairLoss.CONTRASTIVE));
      Map<String, float[]> parts =
          gradients(clip, new CachedStep(clip, PairLoss.CONTRASTIVE, micro));
      Map<String, float[]> allPatches = new TreeMap<>();
      try (GradientSums sums = new GradientSums(ClipCase.ENGINE)) {
        var losses = new StepLosses();
        new WholeStep(clip, PairLoss.CONTRASTIVE).run(new DrawnRows(SPEC, 7, 5), 1, losses, sums);
        double loss = losses.sum().total();
        allPatches.put("loss", new float[] {(float) loss});
      }
      assertThat(whole.get("loss")).isNotEqualTo(allPatches.get("loss"));
      whole.forEach(
          (name, values) -> {
            double size = 1;
            for (float value : values) {
              size = Math.max(size, Math.abs(value));
            }
            assertThat(parts.get(name))
                .as(name)
                .containsExactly(values, within((float) (1e-5 * size)));
          });
    }
  }

  private static Map<String, float[]> gradients(Clip clip, ClipStep step) {
    var found = new TreeMap<String, float[]>();
    long before = ClipCase.ENGINE.openTensors();
    try (GradientSums sums = new GradientSums(ClipCase.ENGINE)) {
      var losses = new StepLosses();
      ClipStep.dropping(step, HALF, clip).run(new DrawnRows(SPEC, 7, 5), 1, losses, sums);
      double loss = losses.sum().total();
      found.put("loss", new float[] {(float) loss});
      for (Parameter parameter : clip.parameters().all()) {
        found.put(parameter.name(), sums.of(parameter).toFloats());
      }
    }
    assertThat(ClipCase.ENGINE.openTensors()).isEqualTo(before);
    return found;
  }

  @Test
  void withoutDropoutAStepIsLeftAsItIs() {
    try (Clip clip = model()) {
      ClipStep step = new WholeStep(clip, PairLoss.CONTRASTIVE);
      assertThat(ClipStep.dropping(step, new PatchDropout(0, new RandomKey(1)), clip))
          .isSameAs(step);
    }
  }
}
