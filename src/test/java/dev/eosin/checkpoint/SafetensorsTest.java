package dev.eosin.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  private static final List<StoredType> TYPES = List.of(StoredType.values());
  @TempDir Path folder;

  @Test
  void everyTypeAndShapeComesBackAsWritten() throws IOException {
    RandomGenerator random = random(1);
    for (int round = 0; round < 100; round++) {
      Map<String, TensorData> tensors = new TreeMap<>();
      int count = random.nextInt(12);
      for (int i = 0; i < count; i++) {
        tensors.put("layer." + random.nextInt(1000) + ".\"ünï\"", randomTensor(random));
      }
      Path file = folder.resolve("round-" + round + ".safetensors");
      SafetensorsWriter writer = new SafetensorsWriter(Map.of("format", "pt", "round", "" + round));
      tensors.forEach(writer::add);
      writer.write(file);

      try (SafetensorsFile read = SafetensorsFile.open(file)) {
        assertThat(read.metadata()).containsEntry("round", "" + round);
        assertThat(read.names()).isEqualTo(tensors.keySet());
        for (Map.Entry<String, TensorData> tensor : tensors.entrySet()) {
          assertSame(read.entry(tensor.getKey()), tensor.getValue());
        }
      }
    }
  }

  @Test
  void theFileDoesNotDependOnTheOrderOfAdding() throws IOException {
    TensorData wide = TensorData.of(new long[] {1, 2}, 2);
    TensorData narrow = TensorData.of(new float[] {1, 2, 3}, 3);
    SafetensorsWriter one = new SafetensorsWriter(Map.of()).add("a", narrow).add("b", wide);
    SafetensorsWriter two = new SafetensorsWriter(Map.of()).add("b", wide).add("a", narrow);
    one.write(folder.resolve("one"));
    two.write(folder.resolve("two"));

    assertThat(folder.resolve("one")).hasSameBinaryContentAs(folder.resolve("two"));
    byte[] bytes = Files.readAllBytes(folder.resolve("one"));
    assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8).isZero();
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("one", "two");
  }

  @Test
  void numbersAreConvertedAsTheTypesSay() throws IOException {
    Path file = folder.resolve("types.safetensors");
    new SafetensorsWriter(Map.of())
        .add("f16", data(StoredType.F16, "003c00c0ff7b0100", 4))
        .add("bf16", data(StoredType.BF16, "803f00c0", 2))
        .add("f64", data(StoredType.F64, "000000000000f03f", 1))
        .add("i8", data(StoredType.I8, "ff01", 2))
        .add("u8", data(StoredType.U8, "ff01", 2))
        .add("i16", data(StoredType.I16, "feff", 1))
        .add("i32", data(StoredType.I32, "feffffff", 1))
        .add("bool", data(StoredType.BOOL, "0001", 2))
        .write(file);

    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertThat(read.floats("f16")).containsExactly(1f, -2f, 65504f, 5.9604645E-8f);
      assertThat(read.floats("bf16")).containsExactly(1f, -2f);
      assertThat(read.floats("f64")).containsExactly(1f);
      assertThat(read.longs("i8")).containsExactly(-1, 1);
      assertThat(read.longs("u8")).containsExactly(255, 1);
      assertThat(read.longs("i16")).containsExactly(-2);
      assertThat(read.longs("i32")).containsExactly(-2);
      assertThat(read.longs("bool")).containsExactly(0, 1);
      assertThatThrownBy(() -> read.floats("i8"))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("tensor 'i8' is I8, expected floating-point numbers");
      assertThatThrownBy(() -> read.longs("none"))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("has no tensor 'none'");
    }
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] whole = smallFile();
    Path file = folder.resolve("cut.safetensors");
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> readAll(file))
          .as("cut to %d bytes", length)
          .isInstanceOf(DataException.class)
          .message()
          .contains("cut.safetensors")
          .doesNotContain("\n");
    }
  }

  @Test
  void randomMutationsAreReadOrRefusedInOneLine() throws IOException {
    byte[] whole = smallFile();
    RandomGenerator random = random(2);
    Path file = folder.resolve("mutated.safetensors");
    int refused = 0;
    for (int round = 0; round < 5_000; round++) {
      byte[] bytes = whole.clone();
      int changes = 1 + random.nextInt(4);
      for (int i = 0; i < changes; i++) {
        // Most bytes are data; the header is where a change can do harm.
        bytes[random.nextInt(random.nextInt(4) == 0 ? bytes.length : 280)] =
            (byte) random.nextInt();
      }
      Files.write(file, bytes);
      try {
        readAll(file);
      } catch (DataException e) {
        refused++;
        assertThat(e.getMessage()).contains("mutated.safetensors").doesNotContain("\n", "\r");
      }
    }
    assertThat(refused).isGreaterThan(3_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                                                                   | does not begin with '{'",
        "{} {}                                                                | text after",
        "{\"a\":1}                                                            | tensor 'a' is not a JSON object",
        "{\"a\":{\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]}}     | dtype 'F31'; known are F64",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}                            | needs dtype, shape and data_offsets",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}     | takes 8 bytes, but data_offsets span 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}    | shape with '-1'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}   | shape with '1.5'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}     | not [begin, end]",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,4]}} | too large",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | Duplicate field 'a'",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}} | overlaps",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}} | has a hole",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}      | but 4 bytes of data follow",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[0,5]}}      | is it truncated?",
        "{\"__metadata__\":{\"format\":1}}                                    | entry 'format' is not a string",
        "{\"a\":                                                              | not valid JSON",
      })
  void aWrongHeaderIsRefusedWithItsReason(String header, String reason) throws IOException {
    Path file = folder.resolve("wrong.safetensors");
    byte[] json = header.strip().getBytes(StandardCharsets.UTF_8);
    Files.write(
        file,
        ByteBuffer.allocate(8 + json.length + 4)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(json.length)
            .put(json)
            .array());

    assertThatThrownBy(() -> readAll(file))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(reason.strip());
  }

  @Test
  void shardsAreReadThroughTheirIndex() throws IOException {
    shard("model-1.safetensors", "a", 1);
    shard("model-2.safetensors", "b", 2);
    index("{\"weight_map\":{\"a\":\"model-1.safetensors\",\"b\":\"model-2.safetensors\"}}");

    try (StoredTensors read = StoredTensors.open(folder)) {
      assertThat(read.names()).containsExactly("a", "b");
      assertThat(read.floats("b")).containsExactly(2f);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"weight_map\":{\"a\":\"model-1.safetensors\",\"c\":\"model-1.safetensors\"}} | lacks tensor 'c'",
        "{\"weight_map\":{\"b\":\"model-1.safetensors\"}}     | has tensor 'a', which",
        "{\"weight_map\":{\"a\":\"../model-1.safetensors\"}}  | in the same folder",
        "{\"weight_map\":{\"a\":\"model-9.safetensors\"}}     | 1 of the 1 files that it names are missing: model-9.safetensors",
        "{\"weight_map\":[]}                                  | has no object 'weight_map'",
        "{\"weight_map\":                                     | not valid JSON",
      })
  void aWrongIndexIsRefusedWithItsReason(String json, String reason) throws IOException {
    shard("model-1.safetensors", "a", 1);
    index(json.strip());

    assertThatThrownBy(() -> StoredTensors.open(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(reason.strip());
  }

  @Test
  void aFileThatCannotBeWrittenIsReportedAndLeavesNothingBehind() throws IOException {
    Path file = folder.resolve("kept.safetensors");
    SafetensorsWriter good =
        new SafetensorsWriter(Map.of()).add("a", TensorData.of(new long[1], 1));
    good.write(file);
    byte[] before = Files.readAllBytes(file);
    FileContent full =
        out -> {
          good.writeTo(out);
          throw new IOException("No space left on device");
        };

    assertThatThrownBy(() -> AtomicFile.write(file, full))
        .isInstanceOf(DataException.class)
        .hasMessage(file + ": cannot be written: No space left on device");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(folder.toFile().list()).containsExactly("kept.safetensors");
  }

  @Test
  void closingTwiceIsHarmless() throws IOException {
    Path file = folder.resolve("small.safetensors");
    Files.write(file, smallFile());
    SafetensorsFile read = SafetensorsFile.open(file);
    TensorData data = read.entry("f32");
    read.close();

    assertThatCode(read::close).doesNotThrowAnyException();
    assertThatThrownBy(data::floats).isInstanceOf(IllegalStateException.class);
  }

  private static void readAll(Path file) throws DataException {
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      for (String name : read.names()) {
        TensorData data = read.entry(name);
        if (data.type().isFloating()) {
          data.floats();
        } else {
          data.longs();
        }
      }
    }
  }

  private byte[] smallFile() throws IOException {
    Path file = folder.resolve("whole.safetensors");
    new SafetensorsWriter(Map.of("format", "pt"))
        .add("f32", TensorData.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3))
        .add("i64", TensorData.of(new long[] {7, 8}, 2))
        .add("scalar", TensorData.of(new float[] {9}))
        .add("empty", TensorData.of(new float[0], 0, 4))
        .add("half", data(StoredType.F16, "003c00c0", 2))
        .write(file);
    return Files.readAllBytes(file);
  }

  private void shard(String file, String tensor, float value) throws IOException {
    new SafetensorsWriter(Map.of())
        .add(tensor, TensorData.of(new float[] {value}, 1))
        .write(folder.resolve(file));
  }

  private void index(String json) throws IOException {
    Files.writeString(folder.resolve("model.safetensors.index.json"), json);
  }

  private static TensorData randomTensor(RandomGenerator random) {
    StoredType type = TYPES.get(random.nextInt(TYPES.size()));
    List<Long> shape = new ArrayList<>();
    long elements = 1;
    int dimensions = random.nextInt(4);
    for (int i = 0; i < dimensions; i++) {
      shape.add(random.nextLong(6));
      elements *= shape.get(i);
    }
    byte[] bytes = new byte[(int) elements * type.bytes()];
    random.nextBytes(bytes);
    return new TensorData(type, shape, MemorySegment.ofArray(bytes));
  }

  private static TensorData data(StoredType type, String hex, long... shape) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    return new TensorData(
        type, LongStream.of(shape).boxed().toList(), MemorySegment.ofArray(bytes));
  }

  private static void assertSame(TensorData actual, TensorData expected) {
    assertThat(actual.type()).isEqualTo(expected.type());
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.bytes().toArray(ValueLayout.JAVA_BYTE))
        .isEqualTo(expected.bytes().toArray(ValueLayout.JAVA_BYTE));
  }

  private static RandomGenerator random(long seed) {
    return new RandomKey(seed).stream(RandomKey.Purpose.AUGMENTATION, 0, 0);
  }
}
