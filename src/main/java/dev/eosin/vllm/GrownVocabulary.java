package dev.eosin.vllm;

import dev.eosin.checkpoint.ElementCast;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.language.Decoder;
import dev.eosin.language.Llama;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.LlamaSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A decoder with further rows in its token table and head. The new rows are the mean of the old
/// ones, so that a new id's logit is the mean of the others' and never the largest.
///
/// @param language the grown description
/// @param rows of the table
record GrownVocabulary(LanguageConfig language, LlamaSpec spec, int rows) {
  /// As the repositories of llava-hf are.
  private static final int MULTIPLE = 64;

  /// @param least rows
  /// @throws DataException when the decoder is of a kind that is not written
  static GrownVocabulary of(LanguageConfig language, int least) throws DataException {
    if (!(language.spec() instanceof LlamaSpec spec)) {
      throw new DataException("only decoders of LLaMA's kind are written with further tokens");
    }
    int rows = Math.ceilDiv(least, MULTIPLE) * MULTIPLE;
    var grown =
        new LlamaSpec(
            rows,
            spec.width(),
            spec.layers(),
            spec.heads(),
            spec.groups(),
            spec.headWidth(),
            spec.mlpWidth(),
            spec.biased(),
            spec.tied(),
            spec.window(),
            spec.normEpsilon(),
            spec.rotary(),
            spec.context());
    return new GrownVocabulary(new LanguageConfig(grown, language.ids()), grown, rows);
  }

  Decoder decoder(String prefix) {
    return Llama.of(prefix, spec);
  }

  /// @param plain the decoder as it was
  Map<String, PendingTensor> weights(Decoder plain, Map<String, PendingTensor> weights) {
    Map<String, PendingTensor> all = new LinkedHashMap<>(weights);
    all.computeIfPresent(plain.table(), (name, table) -> grown(table));
    if (!plain.head().equals(plain.table())) {
      all.computeIfPresent(plain.head(), (name, head) -> grown(head));
    }
    return all;
  }

  private PendingTensor grown(PendingTensor tensor) {
    List<Long> shape = new ArrayList<>(tensor.shape());
    shape.set(0, (long) rows);
    return new PendingTensor(tensor.type(), shape, () -> grown(tensor.data().get(), shape));
  }

  private static TensorData grown(TensorData old, List<Long> shape) {
    int before = Math.toIntExact(old.shape().getFirst());
    int width = Math.toIntExact(old.shape().getLast());
    float[] mean = mean(old, before, width);
    long known = (long) before * width;
    return ElementCast.of(
        shape, old.type(), i -> i < known ? old.floatingAt(i) : mean[(int) (i % width)]);
  }

  private static float[] mean(TensorData table, int rows, int width) {
    double[] sums = new double[width];
    for (long i = 0; i < (long) rows * width; i++) {
      sums[(int) (i % width)] += table.floatingAt(i);
    }
    float[] mean = new float[width];
    for (int i = 0; i < width; i++) {
      mean[i] = (float) (sums[i] / rows);
    }
    return mean;
  }
}
