package dev.eosin.bench;

import dev.eosin.eval.Retrieval;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.LongStream;

/// Seconds and memory of ranking every image for every text and the other way round.
///
/// @param pairs of which no two have the same caption
/// @param width of an embedding
/// @param device where it runs
/// @param threads of one CPU kernel
/// @param rounds timed, after one that is not
public record RetrievalBenchmark(int pairs, int width, Device device, int threads, int rounds) {
  public String measure() throws IOException {
    Engine engine = Engine.start(device, threads);
    long[] own = LongStream.range(0, pairs).toArray();
    try (Tensor images = RandomFeatures.of(engine, pairs, width, 0);
        Tensor texts = RandomFeatures.of(engine, pairs, width, 1)) {
      var result = new BenchmarkResult("retrieval");
      double before = BenchmarkResult.residentMib();
      Retrieval.of(images, texts, own, own);
      result.with("mib_above_features", BenchmarkResult.peakMib() - before);
      double[] seconds = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        long started = System.nanoTime();
        Retrieval.of(images, texts, own, own);
        seconds[round] = (System.nanoTime() - started) / 1e9;
      }
      return result.with("seconds", BenchmarkResult.median(seconds)).settings(settings()).line();
    }
  }

  private Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("pairs", pairs);
    settings.put("width", width);
    settings.put("device", device.torchName());
    settings.put("threads", threads);
    settings.put("rounds", rounds);
    return settings;
  }
}
