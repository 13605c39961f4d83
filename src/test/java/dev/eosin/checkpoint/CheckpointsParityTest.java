package dev.eosin.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Golden case checkpoints: files that torch.save and safetensors wrote, read exactly, and hostile
/// or malformed ones, each refused with one line.
@Tag("parity")
class CheckpointsParityTest {
  private static final Path PWNED = Path.of("/tmp/pwned");

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
      Set<String> weights = new TreeSet<>(actual.names());
      weights.remove("attn_mask");
      assertThat(weights).hasSize(6);
      for (String name : weights) {
        assertThat(bytes(actual, name)).as(name).isEqualTo(bytes(expected, name));
      }
    }
  }

  @Test
  void attentionMaskIsNoWeight() throws IOException {
    try (StoredTensors file = StoredTensors.open(parity.file("with_attn_mask.pt"))) {
      assertThat(file.names()).contains("attn_mask");
      assertThat(ClipLayouts.openClip(1, 1).check(file, Map.of()).extra())
          .doesNotContain("attn_mask");
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
  @ValueSource(
      strings = {
        "evil_system.pt",
        "evil_eval.bin",
        "evil_legacy.pt",
        "evil_nested.pt",
        "truncated.pt",
        "pickle_bomb.pt",
        "stride_oob.pt"
      })
  void hostilePickleIsRefused(String file) throws IOException {
    assertRefused(file);
    assertThat(PWNED).as("something was run").doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "header_too_long",
        "header_huge",
        "truncated_data",
        "overlap",
        "hole",
        "bad_dtype",
        "bad_json",
        "size_mismatch",
        "negative_offset",
        "end_before_begin",
        "duplicate_key",
        "not_object",
        "empty_file",
        "seven_bytes",
        "dim_overflow",
        "dim_wrap_exact",
        "trailing_bytes"
      })
  void malformedSafetensorsIsRefused(String file) throws IOException {
    assertRefused(file + ".safetensors");
  }

  @Test
  void everyHostileFileHasItsTest() throws IOException {
    try (var files = Files.list(parity.file("hostile"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .as("17 safetensors files, 7 pickles and the peer's verdicts")
          .hasSize(25);
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
