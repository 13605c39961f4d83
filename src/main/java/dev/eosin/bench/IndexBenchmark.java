package dev.eosin.bench;

import dev.eosin.checkpoint.NumpyHeader;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.index.Neighbours;
import dev.eosin.index.VectorGraph;
import dev.eosin.index.VectorIndex;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Build time, recall and queries a second of an exact index and of a graph over the same vectors.
///
/// Vectors lie around some directions, as embeddings of tissue do; of evenly spread ones in
/// hundreds of dimensions all are as good as equally far from each other, which no real search
/// meets.
///
/// @param vectors that are searched
/// @param width of each
/// @param device that scans
/// @param threads of a kernel
/// @param queries that are asked
public record IndexBenchmark(int vectors, int width, Device device, int threads, int queries) {
  private static final int FOUND = 10;
  private static final int[] BREADTHS = {10, 20, 50, 100};

  /// Rows that are drawn at the same time, on every core.
  private static final int DRAWN = 4096;

  private static final int OF_A_DIRECTION = 100;

  /// Noise whose length is that of the direction: cosines of neighbours are about 0.5.
  private static final double NOISE = 1;

  /// Builds both in a folder that goes afterwards.
  public String measure() throws IOException {
    Path folder = Files.createTempDirectory("eosin-bench-index");
    try {
      return measure(folder);
    } finally {
      remove(folder);
    }
  }

  private String measure(Path folder) throws IOException {
    Path file = folder.resolve("vectors.npy");
    write(file);
    var result = new BenchmarkResult("retrieval");
    result.with(
        "exact_build_seconds", built(file, folder.resolve("exact"), VectorIndex.Kind.EXACT));
    result.with("graph_build_seconds", built(file, folder.resolve("hnsw"), VectorIndex.Kind.HNSW));
    result.with("graph_mib", bytes(folder.resolve("hnsw").resolve("hnsw")) / (double) (1 << 20));
    float[][] asked = IntStream.range(0, queries).mapToObj(i -> query(i)).toArray(float[][]::new);
    Engine engine = Engine.start(device, threads);
    try (VectorIndex index = VectorIndex.open(folder.resolve("hnsw"))) {
      // Once before, so that files are in memory and code is compiled.
      index.exact(engine, asked, FOUND);
      long started = System.nanoTime();
      Neighbours exact = index.exact(engine, asked, FOUND);
      result.with("exact_queries_per_second", queries / seconds(started));
      started = System.nanoTime();
      int alone = Math.min(queries, 20);
      for (int i = 0; i < alone; i++) {
        index.exact(engine, new float[][] {asked[i]}, FOUND);
      }
      result.with("exact_single_query_ms", 1e3 * seconds(started) / alone);
      for (int breadth : BREADTHS) {
        index.approximate(asked, FOUND, breadth);
        started = System.nanoTime();
        Neighbours found = index.approximate(asked, FOUND, breadth);
        result.with("graph_%d_queries_per_second".formatted(breadth), queries / seconds(started));
        result.with("graph_%d_recall_at_10".formatted(breadth), recall(exact, found));
      }
    }
    return result.settings(settings()).line();
  }

  private static double seconds(long started) {
    return (System.nanoTime() - started) / 1e9;
  }

  private static double built(Path file, Path out, VectorIndex.Kind kind) throws IOException {
    long started = System.nanoTime();
    try (StoredEmbeddings from = StoredEmbeddings.open(file, Optional.empty())) {
      VectorIndex.build(from, out, kind, VectorGraph.Settings.DEFAULT, added -> {});
    }
    return seconds(started);
  }

  private static double recall(Neighbours exact, Neighbours found) {
    long hits = 0;
    for (int i = 0; i < exact.rows().length; i++) {
      List<Integer> right = IntStream.of(exact.rows()[i]).boxed().toList();
      hits += IntStream.of(found.rows()[i]).filter(right::contains).count();
    }
    return hits / (double) (exact.rows().length * exact.rows()[0].length);
  }

  private void write(Path file) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      new NumpyHeader("<f4", List.of((long) vectors, (long) width)).writeTo(out);
      ByteBuffer bytes = ByteBuffer.allocate(width * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (int first = 0; first < vectors; first += DRAWN) {
        float[][] drawn =
            IntStream.range(first, Math.min(vectors, first + DRAWN))
                .parallel()
                .mapToObj(row -> vector(row, 0))
                .toArray(float[][]::new);
        for (float[] vector : drawn) {
          bytes.clear().asFloatBuffer().put(vector);
          out.write(bytes.array());
        }
      }
    }
    var table = new StringBuilder("path\n");
    for (int row = 0; row < vectors; row++) {
      table.append(row).append('\n');
    }
    Files.write(
        file.resolveSibling("vectors.csv"), table.toString().getBytes(StandardCharsets.UTF_8));
  }

  private float[] query(int number) {
    return vector((int) ((long) number * vectors / queries), 1);
  }

  /// Around the direction of a row; of length 1.
  private float[] vector(int row, int series) {
    int directions = Math.max(1, vectors / OF_A_DIRECTION);
    RandomKey key = new RandomKey(1);
    RandomStream direction = key.stream(RandomKey.Purpose.AUGMENTATION, 2, row % directions);
    RandomStream noise = key.stream(RandomKey.Purpose.AUGMENTATION, series, row);
    double[] sum = new double[width];
    double squares = 0;
    for (int i = 0; i < width; i++) {
      sum[i] = direction.nextGaussian() + NOISE * noise.nextGaussian();
      squares += sum[i] * sum[i];
    }
    float[] unit = new float[width];
    for (int i = 0; i < width; i++) {
      unit[i] = (float) (sum[i] / Math.sqrt(squares));
    }
    return unit;
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> inside = Files.walk(folder)) {
      for (Path each : inside.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("vectors", vectors);
    settings.put("width", width);
    settings.put("queries", queries);
    settings.put("device", device.torchName());
    settings.put("threads", threads);
    return settings;
  }
}
