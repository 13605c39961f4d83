package dev.eosin.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.clip.spec.ClipLayouts;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Golden case checkpoints: files that torch.save and safetensors wrote, read exactly, and hostile
/// or malformed ones, each refused with one line.
@Tag("parity")
class CheckpointsParityTest {
  private static final Path PWNED = Path.of("/tmp/pwned");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ParityCase parity = ParityCase.open("checkpoints");

  @ParameterizedTest
  @ValueSource(strings = {"ddp_full.pt", "plain_state_dict.pt", "plain.bin", "legacy_nonzip.pt"})
  void wholeModelIsReadExactly(String file) throws IOException {
    assertSame(file, "model.safetensors");
  }

  @ParameterizedTest
  @ValueSource(strings = {"with_attn_mask.pt", "parameter_objects.pt"})
  void partOfTheModelIsReadExactly(String file) throws IOException {
    try (StoredTensors actual = StoredTensors.open(parity.file(file));
        StoredTensors expected = StoredTensors.open(parity.file("model.safetensors"))) {
      Set<String> weights = weights(actual);
      assertThat(weights).isNotEmpty();
      for (String name : weights) {
        assertThat(bytes(actual, name)).as(name).isEqualTo(bytes(expected, name));
      }
    }
  }

  /// Two ways to save the same tensors of the model.
  @Test
  void bothPartsOfTheModelHaveTheSameTensors() throws IOException {
    try (StoredTensors one = StoredTensors.open(parity.file("with_attn_mask.pt"));
        StoredTensors other = StoredTensors.open(parity.file("parameter_objects.pt"))) {
      assertThat(weights(one)).isEqualTo(weights(other));
    }
  }

  private static Set<String> weights(StoredTensors file) {
    Set<String> weights = new TreeSet<>(file.names());
    weights.remove("attn_mask");
    return weights;
  }

  @Test
  void attentionMaskIsNoWeight() throws IOException {
    JsonNode config = JSON.readTree(parity.text("config.json"));
    Layout layout =
        ClipLayouts.openClip(
            config.at("/vision_cfg/layers").intValue(), config.at("/text_cfg/layers").intValue());
    try (StoredTensors file = StoredTensors.open(parity.file("with_attn_mask.pt"))) {
      assertThat(file.names()).contains("attn_mask");
      assertThat(layout.check(file, Map.of()).extra()).doesNotContain("attn_mask");
    }
  }

  @Test
  void viewsThatShareStoragesAreReadExactly() throws IOException {
    assertSame("shared_storage_views.pt", "views_expected.safetensors");
  }

  @Test
  void brainFloatsAreTheRoundedWeights() throws IOException {
    assertCast("bf16.bin", StoredType.BF16);
  }

  @Test
  void halfFloatsAreTheRoundedWeights() throws IOException {
    assertCast("fp16.pt", StoredType.F16);
  }

  @ParameterizedTest
  @MethodSource("hostileFiles")
  void hostileFileIsRefused(String file) throws IOException {
    assertRefused(file);
    assertThat(PWNED).as("something was run").doesNotExist();
  }

  /// Those that the peer was tried with, see the case's README.
  static Stream<String> hostileFiles() throws IOException {
    JsonNode verdicts = JSON.readTree(ParityCase.open("checkpoints").text("hostile/verdicts.json"));
    assertThat(verdicts).isNotEmpty();
    return verdicts
        .propertyStream()
        .map(Map.Entry::getKey)
        .map(name -> name.contains(".") ? name : name + ".safetensors");
  }

  @Test
  void everyHostileFileHasItsTest() throws IOException {
    try (var files = Files.list(parity.file("hostile"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              Stream.concat(hostileFiles(), Stream.of("verdicts.json")).toList());
    }
  }

  private void assertRefused(String file) throws IOException {
    Path path = parity.file("hostile/" + file);
    assertThatThrownBy(() -> StoredTensors.open(path))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(path + ": ")
        .message()
        .hasLineCount(1);
  }

  private void assertSame(String file, String reference) throws IOException {
    try (StoredTensors actual = StoredTensors.open(parity.file(file));
        StoredTensors expected = StoredTensors.open(parity.file(reference))) {
      Set<String> names = new TreeSet<>(actual.names());
      assertThat(names).isEqualTo(expected.names());
      for (String name : names) {
        assertThat(actual.entry(name).type()).as(name).isEqualTo(expected.entry(name).type());
        assertThat(actual.entry(name).shape()).as(name).isEqualTo(expected.entry(name).shape());
        assertThat(bytes(actual, name)).as(name).isEqualTo(bytes(expected, name));
      }
    }
  }

  /// The reference holds fp32, of which the file's numbers are the nearest of their type.
  private void assertCast(String file, StoredType type) throws IOException {
    try (StoredTensors actual = StoredTensors.open(parity.file(file));
        StoredTensors expected = StoredTensors.open(parity.file("model.safetensors"))) {
      assertThat(actual.names()).isEqualTo(expected.names());
      for (String name : actual.names()) {
        assertThat(actual.entry(name).type()).as(name).isEqualTo(type);
        float[] rounded = expected.floats(name);
        for (int i = 0; i < rounded.length; i++) {
          rounded[i] = type == StoredType.F16 ? half(rounded[i]) : brain(rounded[i]);
        }
        assertThat(actual.floats(name)).as(name).isEqualTo(rounded);
      }
    }
  }

  private static float half(float value) {
    return Float.float16ToFloat(Float.floatToFloat16(value));
  }

  /// To nearest, ties to even.
  private static float brain(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff0000);
  }

  private static byte[] bytes(StoredTensors file, String name) throws IOException {
    return file.entry(name).bytes().toArray(ValueLayout.JAVA_BYTE);
  }
}
