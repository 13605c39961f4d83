package dev.eosin.eval;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/// Matrices and whole numbers of recorded files.
final class RecordedMatrices {
  private RecordedMatrices() {}

  static float[][] matrix(SafetensorsFile file, String name) throws IOException {
    return rows(file.floats(name), file.entry(name).shape().get(1).intValue());
  }

  static float[][] rows(float[] values, int width) {
    return IntStream.range(0, values.length / width)
        .mapToObj(row -> Arrays.copyOfRange(values, row * width, (row + 1) * width))
        .toArray(float[][]::new);
  }

  static int[] ints(SafetensorsFile file, String name) throws IOException {
    return Arrays.stream(file.longs(name)).mapToInt(Math::toIntExact).toArray();
  }

  static int[] ints(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
