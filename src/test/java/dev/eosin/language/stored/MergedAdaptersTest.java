package dev.eosin.language.stored;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.checkpoint.ElementCast;
import dev.eosin.checkpoint.MappedWeights;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Adapters;
import dev.eosin.language.Decoder;
import dev.eosin.language.RecordedDecoder;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.ParameterSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Adapters merged into bases of narrow types; against peft see
/// [dev.eosin.language.LanguageLoraParityTest].
class MergedAdaptersTest {
  private static final String QUERY = "decoder.blocks.1.attention.query.weight";
  private static final Decoder DECODER = AdapterSettingsTest.decoder(false);

  @TempDir Path home;

  private static AdaptedDecoder adapted(boolean magnitudes) {
    return new AdapterSettings(
            3,
            6,
            List.of("layers.1.self_attn.q_proj", "up_proj"),
            false,
            magnitudes,
            Map.of(),
            Map.of(),
            List.of("lm_head"),
            List.of(),
            0)
        .resolve(DECODER);
  }

  private static float[] numbers(Weight weight, double deviation) {
    RandomStream stream =
        new RandomKey(7).stream(RandomKey.Purpose.INITIALISATION, 0, weight.name().hashCode());
    long elements = Arrays.stream(weight.shape()).reduce(1, Math::multiplyExact);
    float[] values = new float[Math.toIntExact(elements)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * stream.nextGaussian());
    }
    return values;
  }

  private static List<Long> shape(Weight weight) {
    return Arrays.stream(weight.shape()).boxed().toList();
  }

  /// A base in Hugging Face's names.
  private Path base(StoredType type) throws IOException {
    Map<String, PendingTensor> tensors = new LinkedHashMap<>();
    for (Weight weight : DECODER.weights()) {
      float[] values = numbers(weight, 1);
      tensors.put(
          weight.name(),
          new PendingTensor(
              type,
              shape(weight),
              () -> ElementCast.of(shape(weight), type, i -> values[Math.toIntExact(i)])));
    }
    Path file = home.resolve("model.safetensors");
    AtomicFile.write(file, LanguageNames.of(DECODER).writePending(tensors, Map.of()));
    return file;
  }

  private static Map<String, TensorData> values(AdaptedDecoder adapted, double deviation) {
    Map<String, TensorData> values = new HashMap<>();
    for (Weight weight : adapted.trained()) {
      values.put(weight.name(), TensorData.of(numbers(weight, deviation), weight.shape()));
    }
    return values;
  }

  private static TensorData value(Map<String, TensorData> values, String name) {
    return Objects.requireNonNull(values.get(name));
  }

  private StoredTensors open(Path file) throws DataException {
    return LanguageNames.of(DECODER)
        .read(StoredTensors.open(file), RecordedDecoder.shapes(DECODER));
  }

  @Test
  void sumsAreRoundedOnceToTheTypeOfTheBase() throws IOException {
    AdaptedDecoder adapted = adapted(false);
    Map<String, TensorData> values = values(adapted, 0.5);
    for (StoredType type : List.of(StoredType.BF16, StoredType.F16, StoredType.F32)) {
      // Half the distance of neighbours, and what sums of fp32 differ by from exact ones.
      double half =
          Math.scalb(1.0, type == StoredType.BF16 ? -9 : type == StoredType.F16 ? -12 : -22);
      try (StoredTensors file = open(base(type));
          MergedAdapters merged = new MergedAdapters(file, adapted.decoder().adapters(), values)) {
        float[] base = file.floats(QUERY);
        float[] down = value(values, Adapters.down(QUERY)).floats();
        float[] up = value(values, Adapters.up(QUERY)).floats();
        float[] found = merged.floats(QUERY);
        assertThat(merged.header(QUERY)).isEqualTo(file.header(QUERY));
        assertThat(merged.entry(QUERY).type()).isEqualTo(type);
        for (int i = 0; i < base.length; i++) {
          double sum = base[i];
          for (int k = 0; k < 3; k++) {
            sum += 2.0 * up[i / 8 * 3 + k] * down[k * 8 + i % 8];
          }
          double ulp = Math.scalb(1.0, Math.getExponent(sum)) * half * 2;
          assertThat((double) found[i]).as("%s %d", type, i).isCloseTo(sum, within(ulp + 1e-6));
        }
      }
    }
  }

  @Test
  void sumsAreOfTheTypeThatIsNamed() throws IOException {
    AdaptedDecoder adapted = adapted(false);
    Map<String, TensorData> values = values(adapted, 0.5);
    String head = DECODER.head();
    try (StoredTensors file = open(base(StoredType.BF16));
        MergedAdapters merged =
            new MergedAdapters(
                file, adapted.decoder().adapters(), values, Optional.of(StoredType.F32))) {
      float[] base = file.floats(QUERY);
      float[] down = value(values, Adapters.down(QUERY)).floats();
      float[] up = value(values, Adapters.up(QUERY)).floats();
      float[] found = merged.floats(QUERY);
      assertThat(merged.header(QUERY).type()).isEqualTo(StoredType.F32);
      assertThat(merged.entry(QUERY).type()).isEqualTo(StoredType.F32);
      for (int i = 0; i < base.length; i++) {
        double sum = base[i];
        for (int k = 0; k < 3; k++) {
          sum += 2.0 * up[i / 8 * 3 + k] * down[k * 8 + i % 8];
        }
        assertThat((double) found[i]).isCloseTo(sum, within(1e-6 * Math.max(1, Math.abs(sum))));
      }
      assertThat(merged.entry(head).floats()).isEqualTo(value(values, head).floats());
      assertThat(merged.header(DECODER.table())).isEqualTo(file.header(DECODER.table()));
    }
  }

  @Test
  void whatHasNoAdapterStaysAndWhatWasTrainedWholeTakesItsPlace() throws IOException {
    AdaptedDecoder adapted = adapted(false);
    Map<String, TensorData> values = values(adapted, 0.5);
    try (StoredTensors file = open(base(StoredType.BF16));
        MergedAdapters merged = new MergedAdapters(file, adapted.decoder().adapters(), values)) {
      assertThat(merged.names()).isEqualTo(file.names());
      for (String name : file.names()) {
        boolean changed =
            adapted.decoder().adapters().linears().containsKey(name)
                || adapted.whole().contains(name);
        assertThat(merged.entry(name).bytes().mismatch(file.entry(name).bytes()) < 0)
            .as(name)
            .isEqualTo(!changed);
      }
      String head = DECODER.head();
      assertThat(merged.entry(head).floats())
          .isEqualTo(
              ElementCast.of(
                      file.header(head).shape(), StoredType.BF16, value(values, head)::floatingAt)
                  .floats());
    }
  }

  @Test
  void magnitudesBeginAsTheLengthsOfTheRowsAndChangeNothing() throws IOException {
    AdaptedDecoder adapted = adapted(true);
    Path base = base(StoredType.BF16);
    Map<String, List<Long>> shapes = new HashMap<>(RecordedDecoder.shapes(DECODER));
    shapes.keySet().removeAll(adapted.whole());
    MappedWeights mapped =
        MappedWeights.open(
            RecordedDecoder.ENGINE,
            StoredTensors.open(base),
            LanguageNames.of(DECODER).without(adapted.whole()),
            shapes);
    try (StoredTensors file = open(base);
        ParameterSet parameters =
            ParameterSet.allocate(
                RecordedDecoder.ENGINE,
                adapted.specs(),
                DType.FLOAT32,
                List.of(mapped.tensors()))) {
      adapted.fillMagnitudes(parameters);
      float[] weight = file.floats(QUERY);
      float[] lengths = parameters.get(Adapters.magnitude(QUERY)).data().toFloats();
      for (int row = 0; row < lengths.length; row++) {
        double squares = 0;
        for (int column = 0; column < 8; column++) {
          squares += Math.pow(weight[row * 8 + column], 2);
        }
        assertThat((double) lengths[row]).isCloseTo(Math.sqrt(squares), within(1e-5));
      }
      MergedAdapters merged = MergedAdapters.of(file, adapted, parameters);
      for (String linear : adapted.decoder().adapters().linears().keySet()) {
        assertThat(merged.floats(linear)).as(linear).isEqualTo(file.floats(linear));
      }
    }
  }

  @Test
  void numbersTooLargeForTheBaseAreNamed() throws IOException {
    AdaptedDecoder adapted = adapted(false);
    Path base = base(StoredType.F16);
    try (StoredTensors file = open(base);
        MergedAdapters merged =
            new MergedAdapters(file, adapted.decoder().adapters(), values(adapted, 1000))) {
      assertThatThrownBy(() -> merged.entry(QUERY))
          .isInstanceOf(DataException.class)
          .hasMessageStartingWith(base + ": tensor '" + QUERY + "' with what was trained holds ")
          .hasMessageEndingWith("too large for F16; take bf16 or fp32");
    }
  }

  @Test
  void anAdapterThatIsNotThereIsNamed() throws IOException {
    AdaptedDecoder adapted = adapted(false);
    Map<String, TensorData> values = values(adapted, 1);
    values.remove(Adapters.up(QUERY));
    try (StoredTensors file = open(base(StoredType.F32));
        MergedAdapters merged = new MergedAdapters(file, adapted.decoder().adapters(), values)) {
      assertThatThrownBy(() -> merged.entry(QUERY))
          .isInstanceOf(DataException.class)
          .hasMessageEndingWith("lacks " + Adapters.up(QUERY));
    }
  }
}
