package dev.eosin.vllm;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.language.rows.TokenRows;
import dev.eosin.tensor.Scope;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/// The recorded rows and images.
record LlavaRows(SeenRows seen, long[] mask, float[] pixels, long[] shape) {
  static LlavaRows of(RecordedVisionLanguage recorded, StoredTensors inputs) throws IOException {
    long[] ids = inputs.longs("input_ids");
    long[] labels = inputs.longs("labels");
    int b = inputs.header("input_ids").shape().getFirst().intValue();
    int n = ids.length / b;
    long[] asked =
        LongStream.range(0, ids.length).filter(i -> i % n > 0 && labels[(int) i] >= 0).toArray();
    long[] places = Arrays.stream(asked).map(i -> i - 1).toArray();
    long[] targets = Arrays.stream(asked).map(i -> labels[(int) i]).toArray();
    List<Long> shape = inputs.header("pixel_values").shape();
    var rows = new TokenRows(b, n, ids, places, targets);
    SeenRows seen =
        SeenRows.of(
            rows,
            recorded.imageId(),
            shape.getFirst().intValue(),
            recorded.model().tokensOfImage());
    return new LlavaRows(
        seen,
        inputs.longs("attention_mask"),
        inputs.floats("pixel_values"),
        shape.stream().mapToLong(Long::longValue).toArray());
  }

  Pictures pictures(Scope scope) {
    return new Pictures.Whole(scope.own(RecordedVisionLanguage.ENGINE.of(pixels, shape)));
  }
}
