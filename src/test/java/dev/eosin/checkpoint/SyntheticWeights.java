package dev.eosin.checkpoint;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Safetensors files of bf16 numbers without meaning, written as fast as the disk takes them.
public final class SyntheticWeights {
  /// Numbers that are repeated; a prime, so that rows of a matrix differ.
  private static final int TILE = 524_287;

  private SyntheticWeights() {}

  /// @param deviation of the numbers around zero
  public static void write(Path file, Map<String, List<Long>> shapes, double deviation)
      throws IOException {
    long largest = shapes.values().stream().mapToLong(SyntheticWeights::elements).max().orElse(0);
    MemorySegment numbers = MemorySegment.ofArray(repeated(Math.toIntExact(largest), deviation));
    var writer = new SafetensorsWriter(Map.of());
    shapes.forEach(
        (name, shape) ->
            writer.add(
                name,
                StoredType.BF16,
                shape,
                () -> numbers.asSlice(0, elements(shape) * Short.BYTES)));
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      writer.writeTo(out);
    }
  }

  private static short[] repeated(int length, double deviation) {
    var random = new Random(1);
    short[] numbers = new short[length];
    for (int i = 0; i < Math.min(TILE, length); i++) {
      numbers[i] =
          (short) (Float.floatToIntBits((float) (deviation * random.nextGaussian())) >>> 16);
    }
    for (int done = TILE; done < length; done += TILE) {
      System.arraycopy(numbers, 0, numbers, done, Math.min(TILE, length - done));
    }
    return numbers;
  }

  private static long elements(List<Long> shape) {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }
}
