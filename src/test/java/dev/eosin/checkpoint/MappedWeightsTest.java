package dev.eosin.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MappedWeightsTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);
  private static final List<Long> SHAPE = List.of(2L, 3L);
  private static final float[] VALUES = {1, -2, 3, 0.5f, -0.25f, 8};
  @TempDir Path folder;

  @Test
  void aFileIsUsedAsItLies() throws IOException {
    Path file = write("a.safetensors", "wide", StoredType.F32, "narrow", StoredType.BF16);
    SafetensorsFile opened = SafetensorsFile.open(file);
    Layout layout = renamed("wide", "narrow");
    assertThat(MappedWeights.sizes(opened, layout, shapes("wide", "narrow")))
        .containsExactly(Map.entry("own.wide", 24L), Map.entry("own.narrow", 12L));
    MappedWeights weights = MappedWeights.open(ENGINE, opened, layout, shapes("wide", "narrow"));
    assertThat(weights.bytes()).isEqualTo(36);
    assertThat(weights.copied()).isZero();
    try (ParameterSet set = set(weights, "wide", "narrow")) {
      for (String name : List.of("wide", "narrow")) {
        Parameter parameter = set.get("own." + name);
        assertThat(parameter.data().toFloats()).isEqualTo(VALUES);
        assertThat(parameter.data().segment().address())
            .isEqualTo(opened.entry(name).bytes().address());
      }
      assertThat(set.get("own.wide").data().dtype()).isEqualTo(DType.FLOAT32);
      assertThat(set.get("own.narrow").data().dtype()).isEqualTo(DType.BFLOAT16);
    }
    assertClosed(opened, "wide");
  }

  @Test
  void severalFilesUnderOneIndexAreUsedAsTheyLie() throws IOException {
    write("1.safetensors", "a", StoredType.F16);
    write("2.safetensors", "b", StoredType.BF16);
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(
        index, "{\"weight_map\": {\"a\": \"1.safetensors\", \"b\": \"2.safetensors\"}}");
    StoredTensors files = StoredTensors.open(index);
    assertThat(files.files())
        .containsExactly(index, folder.resolve("1.safetensors"), folder.resolve("2.safetensors"));
    MappedWeights weights = MappedWeights.open(ENGINE, files, renamed("a", "b"), shapes("a", "b"));
    try (ParameterSet set = set(weights, "a", "b")) {
      assertThat(weights.copied()).isZero();
      assertThat(set.get("own.a").data().toFloats()).isEqualTo(VALUES);
      assertThat(set.get("own.b").data().toFloats()).isEqualTo(VALUES);
      assertThat(set.get("own.a").data().dtype()).isEqualTo(DType.FLOAT16);
    }
  }

  @Test
  void whatIsNotAlignedIsCopiedAndCounted() throws IOException {
    // Within the data, "b" begins at byte 27.
    Path file = folder.resolve("odd.safetensors");
    String header =
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
            + "\"odd\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[24,27]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[27,51]}}");
    header = header + " ".repeat(8 - header.length() % 8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 51).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
    put(bytes, VALUES).put(new byte[] {1, 2, 3});
    put(bytes, VALUES);
    Files.write(file, bytes.array());
    var layout =
        new Layout(
            "foreign",
            List.of(new TensorRule.Copy("own.a", "a"), new TensorRule.Copy("own.b", "b")),
            Set.of(),
            Set.of("odd"));
    MappedWeights weights =
        MappedWeights.open(ENGINE, SafetensorsFile.open(file), layout, shapes("a", "b"));
    assertThat(weights.bytes()).isEqualTo(48);
    assertThat(weights.copied()).isEqualTo(24);
    try (ParameterSet set = set(weights, "a", "b")) {
      assertThat(set.get("own.a").data().toFloats()).isEqualTo(VALUES);
      assertThat(set.get("own.b").data().toFloats()).isEqualTo(VALUES);
      assertThat(set.get("own.b").data().segment().address() % 4).isZero();
      assertThatThrownBy(() -> set.fill("own.b", () -> 1)).hasMessageContaining("used in place");
      assertThatThrownBy(() -> ENGINE.kernels().run("fill", set.get("own.b").data(), 1.0))
          .hasMessageContaining("used in place");
    }
  }

  private static ByteBuffer put(ByteBuffer bytes, float[] values) {
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes;
  }

  @Test
  void whatMustBeRearrangedIsNamed() throws IOException {
    Path file =
        write("b.safetensors", "q", StoredType.F32, "k", StoredType.F32, "t", StoredType.F32);
    var layout =
        new Layout(
            "foreign",
            List.of(
                new TensorRule.Stack("own.qk", List.of("q", "k")),
                new TensorRule.Transpose("own.t", "t")),
            Set.of(),
            Set.of());
    Map<String, List<Long>> shapes = Map.of("own.qk", List.of(4L, 3L), "own.t", List.of(3L, 2L));
    SafetensorsFile opened = SafetensorsFile.open(file);
    assertThatThrownBy(() -> MappedWeights.open(ENGINE, opened, layout, shapes))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(
            file + ": 2 of 2 tensors cannot be used in place",
            "own.qk is not in the file as it is used: it is stacked from q, k",
            "own.t is not in the file as it is used: it is the transpose of t");
    assertClosed(opened, "q");
  }

  @ParameterizedTest
  @EnumSource(names = {"F64"})
  void typesThatKernelsCannotUseAreNamed(StoredType type) throws IOException {
    Path file = write("c.safetensors", "good", StoredType.F32, "bad", type);
    assertThatThrownBy(
            () ->
                MappedWeights.open(
                    ENGINE,
                    SafetensorsFile.open(file),
                    renamed("good", "bad"),
                    shapes("good", "bad")))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("1 of 2 tensors", "bad is " + type, "F32, BF16 and F16")
        .hasMessageNotContaining("good");
  }

  @ParameterizedTest
  @EnumSource(names = {"I64", "I32", "I16", "I8", "U8", "BOOL"})
  void wholeNumbersAreNoWeights(StoredType type) throws IOException {
    Path file = write("d.safetensors", "whole", type);
    assertThatThrownBy(
            () ->
                MappedWeights.open(
                    ENGINE, SafetensorsFile.open(file), renamed("whole"), shapes("whole")))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("whole is " + type, "expected floating-point");
  }

  @Test
  void aFileMustHoldExactlyTheWeights() throws IOException {
    Path file = write("e.safetensors", "a", StoredType.F32, "other", StoredType.F32);
    long tensors = ENGINE.openTensors();
    assertThatThrownBy(
            () ->
                MappedWeights.open(
                    ENGINE, SafetensorsFile.open(file), renamed("a", "b"), shapes("a", "b")))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("missing  b", "unknown  other");
    assertThat(ENGINE.openTensors()).isEqualTo(tensors);
  }

  private static void assertClosed(SafetensorsFile file, String name) {
    assertThatThrownBy(() -> file.floats(name)).isInstanceOf(IllegalStateException.class);
  }

  /// A file of tensors of one shape and these names and types, in turn.
  private Path write(String name, Object... tensors) throws IOException {
    Path file = folder.resolve(name);
    var writer = new SafetensorsWriter(Map.of());
    for (int i = 0; i < tensors.length; i += 2) {
      StoredType type = (StoredType) tensors[i + 1];
      writer.add((String) tensors[i], new TensorData(type, SHAPE, bytes(type)));
    }
    writer.write(file);
    return file;
  }

  private static MemorySegment bytes(StoredType type) {
    ByteBuffer bytes =
        ByteBuffer.allocate(VALUES.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : VALUES) {
      switch (type) {
        case F64 -> bytes.putDouble(value);
        case F32 -> bytes.putFloat(value);
        case F16 -> bytes.putShort(Float.floatToFloat16(value));
        case BF16 -> bytes.putShort((short) (Float.floatToIntBits(value) >>> 16));
        case I64, I32, I16, I8, U8, BOOL -> bytes.put(new byte[type.bytes()]);
      }
    }
    return MemorySegment.ofArray(bytes.array());
  }

  private static Layout renamed(String... foreign) {
    return new Layout(
        "foreign",
        Arrays.stream(foreign).<TensorRule>map(n -> new TensorRule.Copy("own." + n, n)).toList(),
        Set.of(),
        Set.of());
  }

  private static Map<String, List<Long>> shapes(String... foreign) {
    var shapes = new LinkedHashMap<String, List<Long>>();
    Arrays.stream(foreign).forEach(name -> shapes.put("own." + name, SHAPE));
    return shapes;
  }

  private static ParameterSet set(MappedWeights weights, String... foreign) {
    return ParameterSet.allocate(
        ENGINE,
        Arrays.stream(foreign)
            .map(name -> new ParameterSet.Spec("own." + name, new long[] {2, 3}, false, false))
            .toList(),
        DType.FLOAT32,
        List.of(weights.tensors()));
  }
}
