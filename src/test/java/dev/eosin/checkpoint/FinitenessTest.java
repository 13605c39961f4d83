package dev.eosin.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.clip.spec.ClipLayouts;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FinitenessTest {
  private static final List<Double> BROKEN =
      List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

  @TempDir private Path folder;

  /// Any number of broken ones at any place, in tensors shorter and longer than a piece.
  @ParameterizedTest
  @EnumSource(names = {"F64", "F32", "F16", "BF16"})
  void everyBrokenNumberIsCounted(StoredType type) {
    RandomGenerator random = new RandomKey(5).stream(RandomKey.Purpose.AUGMENTATION, 0, 0);
    for (int elements : new int[] {1, 7, 65_536, 65_537, 200_000}) {
      double[] values = new double[elements];
      long nans = 0;
      long infinite = 0;
      for (int i = 0; i < elements; i++) {
        boolean broken = random.nextInt(elements < 10 ? 2 : 50_000) == 0;
        values[i] = broken ? BROKEN.get(random.nextInt(3)) : random.nextGaussian() * 100;
        nans += Double.isNaN(values[i]) ? 1 : 0;
        infinite += Double.isInfinite(values[i]) ? 1 : 0;
      }
      TensorData data = ElementCast.of(List.of((long) elements), type, i -> values[(int) i]);
      assertThat(Finiteness.of(data)).isEqualTo(new Finiteness(nans, infinite, elements));
    }
  }

  @Test
  void theLargestFiniteNumbersAndNothingAtAllAreFine() {
    float[] edges = {Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, -0f};
    assertThat(Finiteness.of(TensorData.of(edges, 4)).fault()).isEmpty();
    assertThat(Finiteness.of(TensorData.of(new float[0], 0)).fault()).isEmpty();
    assertThat(Finiteness.of(TensorData.of(new long[] {-1}, 1)).fault()).isEmpty();
    assertThat(new Finiteness(2, 1, 9).fault()).contains("2 NaN and 1 infinite of 9 numbers");
  }

  /// A mask is infinite on purpose; names are the file's, of a stack those parts that are broken.
  @Test
  void masksMayBeInfiniteAndPartsAreNamedAsInTheFile() throws IOException {
    Layout layout = ClipLayouts.huggingFaceClip(1, 1);
    String broken = "vision_model.encoder.layers.0.self_attn.k_proj.bias";
    var writer = new SafetensorsWriter(Map.of());
    for (TensorRule rule : layout.rules()) {
      for (String name : rule.foreignNames()) {
        float[] values = {name.equals(broken) ? Float.NaN : 2};
        writer.add(name, TensorData.of(values, 1));
      }
    }
    writer.add("attn_mask", TensorData.of(new float[] {Float.NEGATIVE_INFINITY}, 1));
    Path file = folder.resolve("model.safetensors");
    writer.write(file);
    try (StoredTensors stored = StoredTensors.open(file)) {
      assertThat(FiniteWeights.of(stored).faults()).containsOnlyKeys(broken);
      var numbers = new FiniteWeights();
      StoredTensors own = layout.read(stored, Map.of());
      for (String name : List.of("image.blocks.0.attention.query-key-value.bias", "logit-scale")) {
        numbers.look(name, own);
      }
      assertThat(numbers.report())
          .contains(
              "1 of its tensors holds numbers that are not finite\n  "
                  + broken
                  + ": 1 NaN of 1 numbers");
    }
  }

  @Test
  void longListsAreCut() throws IOException {
    var writer = new SafetensorsWriter(Map.of());
    for (int i = 0; i < 50; i++) {
      writer.add("w" + i, TensorData.of(new float[] {Float.NaN}, 1));
    }
    Path file = folder.resolve("all.safetensors");
    writer.write(file);
    try (StoredTensors stored = StoredTensors.open(file)) {
      assertThat(FiniteWeights.of(stored).report().orElseThrow())
          .startsWith("50 of its tensors hold")
          .endsWith("\n  ... and 38 more")
          .hasLineCount(14);
    }
  }
}
