package dev.eosin.eval.training;

import dev.eosin.data.Source;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.batches.Tokens;
import dev.eosin.eval.PairEmbedder;
import dev.eosin.eval.PairFeatures;
import dev.eosin.eval.RankShare;
import dev.eosin.eval.Retrieval;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.EvaluationReport;
import java.io.IOException;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/// One pass over held-out pairs, shared by ranks: their loss in batches, and how well they find
/// each other in the whole set.
///
/// @param source in its fixed random order
record LivePairs(ValidationSettings settings, Source source, RankShare share) {
  /// @param batches of this rank
  /// @return empty when it was asked to stop
  Optional<EvaluationReport> run(
      long step, PairEmbedder encoder, BatchLoader batches, BooleanSupplier stop, RandomKey key)
      throws IOException {
    int all = Math.toIntExact(source.size());
    double lossSum = 0;
    long rows = 0;
    try (PairFeatures features = encoder.roomFor(all)) {
      var shared = new SharedPairs(all, encoder.vectorsPerImage());
      while (batches.hasNext()) {
        if (share.any(stop.getAsBoolean())) {
          return Optional.empty();
        }
        Batch batch = batches.next();
        if (batch.size() == 0) {
          continue;
        }
        try (PairEmbedder.Pairs embedded = encoder.pairs(batch)) {
          if (share.isAlone()) {
            features.add(embedded.images(), embedded.texts(), captions(batch));
          } else {
            shared.put(batch, embedded);
          }
          lossSum += embedded.loss() * batch.size();
        }
        rows += batch.size();
      }
      if (!share.isAlone()) {
        shared.bringTogether(features, share);
        lossSum = shared.losses(share);
        rows = Math.round(share.sum(rows));
      }
      return Optional.of(report(step, lossSum, rows, features, key, share));
    }
  }

  private EvaluationReport report(
      long step, double lossSum, long rows, PairFeatures features, RandomKey key, RankShare share) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("loss", lossSum / rows);
    if (rows > 0) {
      Retrieval retrieval = features.retrieval(share.group());
      metrics.putAll(retrieval.metrics());
      if (settings.bootstrap() > 0) {
        metrics.putAll(retrieval.intervals(key, settings.bootstrap()));
      }
    }
    return new EvaluationReport(step, settings.name(), metrics);
  }

  /// Captions as the model sees them: after clean-up and cutting.
  private static List<IntBuffer> captions(Batch batch) {
    return IntStream.range(0, batch.size()).mapToObj(row -> caption(batch.caption(), row)).toList();
  }

  private static IntBuffer caption(Tokens captions, int row) {
    int from = row * captions.width();
    return IntBuffer.wrap(Arrays.copyOfRange(captions.ids(), from, from + captions.lengths()[row]));
  }

  /// What a rank knows of pairs, each at its place in the set. Ids of a vocabulary are exact in
  /// fp32.
  private static final class SharedPairs {
    private final int all;
    private final int v;
    private final Map<Integer, float[]> images = new HashMap<>();
    private final Map<Integer, float[]> texts = new HashMap<>();
    private final Map<Integer, float[]> captions = new HashMap<>();
    private final Map<Integer, float[]> losses = new HashMap<>();
    private int size;
    private int width;

    SharedPairs(int all, int v) {
      this.all = all;
      this.v = v;
    }

    void put(Batch batch, PairEmbedder.Pairs embedded) {
      float[] ofImages = embedded.images().toFloats();
      float[] ofTexts = embedded.texts().toFloats();
      int e = ofTexts.length / batch.size();
      size = e;
      width = batch.caption().width();
      float rounded = (float) embedded.loss();
      losses.put(
          Math.toIntExact(batch.rows().getFirst().position()),
          new float[] {rounded, (float) (embedded.loss() - rounded), batch.size()});
      for (int row = 0; row < batch.size(); row++) {
        int place = Math.toIntExact(batch.rows().get(row).position());
        images.put(place, Arrays.copyOfRange(ofImages, row * v * e, (row + 1) * v * e));
        texts.put(place, Arrays.copyOfRange(ofTexts, row * e, (row + 1) * e));
        IntBuffer ids = caption(batch.caption(), row);
        float[] kept = new float[width + 1];
        // One more than the length, so that no caption looks like none.
        kept[0] = ids.remaining() + 1;
        for (int i = 0; i < ids.limit(); i++) {
          kept[i + 1] = ids.get(i);
        }
        captions.put(place, kept);
      }
    }

    /// Summed batch by batch, in the order in which a process alone has them.
    double losses(RankShare share) {
      float[] together = share.together(flat(losses, 3));
      double sum = 0;
      for (int place = 0; place < all; place++) {
        double loss = (double) together[3 * place] + together[3 * place + 1];
        sum += loss * together[3 * place + 2];
      }
      return sum;
    }

    void bringTogether(PairFeatures features, RankShare share) {
      int e = share.known(size);
      int ids = share.known(width) + 1;
      float[] allImages = share.together(flat(images, v * e));
      float[] allTexts = share.together(flat(texts, e));
      float[] allCaptions = share.together(flat(captions, ids));
      for (int pair = 0; pair < all; pair++) {
        int length = Math.round(allCaptions[pair * ids]) - 1;
        if (length < 0) {
          continue;
        }
        int[] caption = new int[length];
        for (int i = 0; i < length; i++) {
          caption[i] = Math.round(allCaptions[pair * ids + 1 + i]);
        }
        try (Tensor image = row(share, allImages, pair * v * e, v, e);
            Tensor text = row(share, allTexts, pair * e, 1, e)) {
          features.add(image, text, List.of(IntBuffer.wrap(caption)));
        }
      }
    }

    private static Tensor row(RankShare share, float[] all, int from, int rows, int e) {
      return share.engine().of(Arrays.copyOfRange(all, from, from + rows * e), rows, e);
    }

    private float[] flat(Map<Integer, float[]> rows, int width) {
      float[] flat = new float[Math.multiplyExact(all, width)];
      rows.forEach((place, row) -> System.arraycopy(row, 0, flat, place * width, width));
      return flat;
    }
  }
}
