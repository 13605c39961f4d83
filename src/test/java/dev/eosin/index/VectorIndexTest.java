package dev.eosin.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.checkpoint.NumpyHeader;
import dev.eosin.config.DataException;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Searches against comparisons written out, and folders that are not what they should be.
class VectorIndexTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final int WIDTH = 12;

  @TempDir private Path home;

  /// Around some directions, as embeddings are.
  private static float[][] vectors(int count, int series) {
    RandomStream directions =
        new RandomKey(3).stream(RandomKey.Purpose.AUGMENTATION, 0, Long.MAX_VALUE);
    float[][] middle = new float[40][WIDTH];
    for (float[] each : middle) {
      for (int i = 0; i < WIDTH; i++) {
        each[i] = (float) directions.nextGaussian();
      }
    }
    RandomStream random = new RandomKey(3).stream(RandomKey.Purpose.AUGMENTATION, 0, series);
    float[][] all = new float[count][WIDTH];
    for (int row = 0; row < count; row++) {
      for (int i = 0; i < WIDTH; i++) {
        all[row][i] = middle[row % middle.length][i] + 0.5f * (float) random.nextGaussian();
      }
    }
    return all;
  }

  private static float[][] unit(float[][] vectors) {
    float[][] unit = new float[vectors.length][];
    for (int row = 0; row < vectors.length; row++) {
      double squares = 0;
      for (float value : vectors[row]) {
        squares += (double) value * value;
      }
      unit[row] = new float[vectors[row].length];
      for (int i = 0; i < unit[row].length; i++) {
        unit[row][i] = (float) (vectors[row][i] / Math.sqrt(squares));
      }
    }
    return unit;
  }

  /// As another program saves them: an array, and a table beside it.
  private Path saved(String name, float[][] vectors) throws IOException {
    Path file = home.resolve(name + ".npy");
    try (OutputStream out = Files.newOutputStream(file)) {
      int width = vectors[0].length;
      new NumpyHeader("<f4", List.of((long) vectors.length, (long) width)).writeTo(out);
      ByteBuffer bytes =
          ByteBuffer.allocate(vectors.length * width * 4).order(ByteOrder.LITTLE_ENDIAN);
      for (float[] row : vectors) {
        for (float value : row) {
          bytes.putFloat(value);
        }
      }
      out.write(bytes.array());
    }
    var table = new StringBuilder("path,label\n");
    for (int row = 0; row < vectors.length; row++) {
      table.append("t").append(row).append(".png,l").append(row % 3).append('\n');
    }
    Files.writeString(home.resolve(name + ".csv"), table);
    return file;
  }

  private VectorIndex built(String name, float[][] vectors, VectorIndex.Kind kind)
      throws IOException {
    Path folder = home.resolve(name + ".index");
    try (StoredEmbeddings from = StoredEmbeddings.open(saved(name, vectors), Optional.empty())) {
      VectorIndex.build(from, folder, kind, VectorGraph.Settings.DEFAULT, added -> {});
    }
    return VectorIndex.open(folder);
  }

  private static int[] nearest(float[][] unit, float[] query, int most) {
    double[] cosines = new double[unit.length];
    for (int row = 0; row < unit.length; row++) {
      for (int i = 0; i < query.length; i++) {
        cosines[row] += (double) unit[row][i] * query[i];
      }
    }
    return IntStream.range(0, unit.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer row) -> -cosines[row]))
        .limit(most)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  @Test
  void aScanFindsWhatComparingEverythingFinds() throws IOException {
    // More than a block of vectors, and more than a block of queries.
    float[][] all = vectors(40_000, 0);
    float[][] queries = unit(vectors(300, 1));
    try (VectorIndex index = built("many", all, VectorIndex.Kind.AUTO)) {
      assertThat(index.hasGraph()).isFalse();
      assertThat(index.size()).isEqualTo(40_000);
      Neighbours found = index.exact(ENGINE, queries, 7);
      float[][] unit = unit(all);
      for (int query : new int[] {0, 1, 255, 256, 299}) {
        assertThat(found.rows()[query]).isEqualTo(nearest(unit, queries[query], 7));
        float[] nearest = unit[found.rows()[query][0]];
        double cosine = 0;
        for (int i = 0; i < WIDTH; i++) {
          cosine += (double) nearest[i] * queries[query][i];
        }
        assertThat((double) found.cosines()[query][0]).isCloseTo(cosine, within(1e-6));
      }
      Map<Integer, ActivationRow> rows = index.rows(found.rows()[0], new int[] {39_999});
      assertThat(Objects.requireNonNull(rows.get(39_999)).path()).isEqualTo("t39999.png");
      assertThat(index.rows(new int[] {0})).containsOnlyKeys(0);
      assertThat(Objects.requireNonNull(rows.get(39_999)).path()).isEqualTo("t39999.png");
      assertThat(rows.get(39_999).label()).contains("l0");
      assertThat(rows).hasSize(8);
    }
  }

  @Test
  void fewAndEqualVectorsComeInTheirOrder() throws IOException {
    float[][] few = {{1, 0}, {0, 2}, {3, 0}, {-1, 0}};
    try (VectorIndex index = built("few", few, VectorIndex.Kind.EXACT)) {
      Neighbours found = index.exact(ENGINE, new float[][] {{1, 0}}, 9);
      assertThat(found.rows()[0]).containsExactly(0, 2, 1, 3);
      assertThat(found.cosines()[0]).containsExactly(1, 1, 0, -1);
      assertThatThrownBy(() -> index.approximate(few, 1, 1))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aGraphFindsNearlyAllAndTheSameEachTime() throws IOException {
    float[][] all = vectors(6000, 0);
    float[][] queries = unit(vectors(100, 1));
    try (VectorIndex one = built("one", all, VectorIndex.Kind.HNSW);
        VectorIndex other = built("other", all, VectorIndex.Kind.HNSW)) {
      assertThat(one.hasGraph()).isTrue();
      Neighbours exact = one.exact(ENGINE, queries, 10);
      Neighbours found = one.approximate(queries, 10, 100);
      Neighbours again = other.approximate(queries, 10, 100);
      int hits = 0;
      for (int query = 0; query < queries.length; query++) {
        assertThat(found.rows()[query]).isEqualTo(again.rows()[query]).hasSize(10);
        List<Integer> right = IntStream.of(exact.rows()[query]).boxed().toList();
        hits += (int) IntStream.of(found.rows()[query]).filter(right::contains).count();
        assertThat(found.cosines()[query][0]).isCloseTo(exact.cosines()[query][0], within(1e-5f));
      }
      assertThat(hits).isGreaterThan(980);
    }
  }

  @Test
  void anotherModelIsRefused() throws IOException {
    try (VectorIndex index = built("foreign", vectors(5, 0), VectorIndex.Kind.EXACT)) {
      assertThat(index.pins()).isEmpty();
      index.requireSame(Path.of("model"), new TreeMap<>(), WIDTH, true);
      assertThatThrownBy(() -> index.requireSame(Path.of("model"), new TreeMap<>(), 8, true))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("has embeddings of 12 numbers, model makes 8");
    }
  }

  @Test
  void whatIsNoIndexIsSaid() throws IOException {
    float[][] zero = vectors(5, 0);
    zero[3] = new float[WIDTH];
    assertThatThrownBy(() -> built("zero", zero, VectorIndex.Kind.EXACT))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("the embedding of row 3, t3.png, is zero and has no direction");
    assertThat(home.resolve("zero.index")).doesNotExist();
    float[][] none = vectors(5, 0);
    none[4][2] = Float.NaN;
    assertThatThrownBy(() -> built("none", none, VectorIndex.Kind.EXACT))
        .hasMessageContaining("the embedding of row 4, t4.png, holds NaN");
    built("there", vectors(5, 0), VectorIndex.Kind.EXACT).close();
    assertThatThrownBy(() -> built("there", vectors(5, 0), VectorIndex.Kind.EXACT))
        .hasMessageContaining("there.index: is there already");
    assertThatThrownBy(() -> VectorIndex.open(home)).hasMessageContaining("is no index");
    Path about = home.resolve("there.index/index.json");
    String said = Files.readString(about);
    Files.writeString(about, said.replace("\"version\" : 1", "\"version\" : 2"));
    assertThatThrownBy(() -> VectorIndex.open(home.resolve("there.index")))
        .hasMessageContaining("is of format 'eosin-index' and version 2");
    Files.writeString(about, said.replace("\"rows\" : 5", "\"rows\" : 6"));
    assertThatThrownBy(() -> VectorIndex.open(home.resolve("there.index")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("takes 288 bytes, got 240");
    assertThatThrownBy(() -> new VectorGraph.Settings(1, 100)).hasMessageContaining("connections");
  }

  /// Lucene draws an id for each file's header, which changes the checksum at its end; what lists
  /// files by their ids besides says when they were written.
  private static void assertSameButForIds(Path one, Path other) throws IOException {
    assertThat(names(other)).isEqualTo(names(one)).anyMatch(name -> name.endsWith(".vex"));
    for (String name : names(one)) {
      if (name.startsWith("segments") || name.endsWith(".si")) {
        continue;
      }
      byte[] of = Files.readAllBytes(one.resolve(name));
      byte[] again = Files.readAllBytes(other.resolve(name));
      assertThat(again).as(name).hasSameSizeAs(of);
      int header = Math.min(100, of.length);
      int checksum = 8;
      int last = Math.max(header, of.length - checksum);
      assertThat(Arrays.mismatch(of, header, last, again, header, last)).as(name).isEqualTo(-1);
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void severalGraphsAreBuiltAtOnceAndSearchedAsOne() throws IOException {
    float[][] all = vectors(3_000, 0);
    float[][] queries = unit(vectors(40, 1));
    Path folder = home.resolve("in-parts");
    List<Integer> told = new ArrayList<>();
    try (VectorIndex index = built("parts", all, VectorIndex.Kind.EXACT);
        VectorFile vectors =
            VectorFile.open(home.resolve("parts.index/vectors"), all.length, WIDTH)) {
      Neighbours exact = index.exact(ENGINE, queries, 5);
      VectorGraph.build(vectors, folder, VectorGraph.Settings.DEFAULT, 3, told::add);
      assertThat(told).isEqualTo(IntStream.rangeClosed(1, all.length).boxed().toList());
      assertThat(folder.resolve("part-0")).doesNotExist();
      int hits = 0;
      try (VectorGraph graph = VectorGraph.open(folder)) {
        for (int query = 0; query < queries.length; query++) {
          VectorGraph.Found found = graph.search(queries[query], 5, 30);
          assertThat(found.rows()).hasSize(5);
          assertThat((double) found.cosines()[0])
              .isCloseTo(exact.cosines()[query][0], within(1e-5));
          List<Integer> right = IntStream.of(exact.rows()[query]).boxed().toList();
          hits += (int) IntStream.of(found.rows()).filter(right::contains).count();
        }
      }
      assertThat(hits).isGreaterThan(195);
      Path again = home.resolve("again");
      VectorGraph.build(vectors, again, VectorGraph.Settings.DEFAULT, 3, added -> {});
      assertSameButForIds(folder, again);
    }
    assertThat(VectorGraph.parts(1)).isEqualTo(1);
    assertThat(VectorGraph.parts(200_000)).isEqualTo(4);
    assertThat(VectorGraph.parts(10_000_000)).isEqualTo(8);
  }

  @Test
  void rowsAreReadWhereTheyLieAndMissingOnesAreNamed() throws IOException {
    Path folder = home.resolve("few.index");
    built("few", vectors(5, 8), VectorIndex.Kind.EXACT).close();
    Path file = folder.resolve("rows.jsonl");
    List<String> lines = Files.readAllLines(file);
    String long4 = lines.get(4).replace("t4.png", "\u00e4\u4e2d".repeat(70_000) + ".png");
    lines.set(4, long4);
    // Whether the last line has an end does not matter.
    Files.writeString(file, String.join("\n", lines));
    try (VectorIndex index = VectorIndex.open(folder)) {
      Map<Integer, ActivationRow> rows = index.rows(new int[] {4, 1, 4}, new int[] {3});
      assertThat(rows).containsOnlyKeys(1, 3, 4);
      rows.forEach((place, row) -> assertThat(row.line()).isEqualTo(lines.get(place)));
    }
    Files.writeString(file, String.join("\n", lines.subList(0, 3)) + "\n");
    try (VectorIndex index = VectorIndex.open(folder)) {
      assertThatThrownBy(() -> index.rows(new int[] {0}))
          .isInstanceOf(DataException.class)
          .hasMessage(file + ": ends after 3 of 5 rows; build the index anew");
    }
  }
}
