package dev.eosin.eval.probes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.config.DataException;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/// Whole numbers and matrices of what was recorded of probes.
final class RecordedProbes {
  private RecordedProbes() {}

  static int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }

  static int[] ints(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  static double[][] rows(SafetensorsFile file, String name) throws DataException {
    double[] values = file.entry(name).doubles();
    int width = Math.toIntExact(file.header(name).shape().getLast());
    return IntStream.range(0, values.length / width)
        .mapToObj(row -> Arrays.copyOfRange(values, row * width, (row + 1) * width))
        .toArray(double[][]::new);
  }
}
