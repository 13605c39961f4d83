package dev.eosin.eval.embeddings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.data.listed.ListedTexts;
import dev.eosin.eval.ImageTextEmbedder;
import dev.eosin.eval.activations.ActivationFile;
import dev.eosin.eval.activations.ActivationPass.Listener;
import dev.eosin.eval.activations.NumberType;
import dev.eosin.group.Group;
import dev.eosin.group.LocalRanks;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.EvaluationTransform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Passes that are stopped and killed, with a model that counts.
class EmbeddingPassTest {
  private static final int TILES = 23;
  private static final int BATCH = 4;
  private static final int SIDE = 8;

  @TempDir private Path home;
  private Path tiles;
  private final List<String> notes = new CopyOnWriteArrayList<>();
  private final Listener listener = new Listener(notes::add, progress -> {});

  /// Mean of each colour; what does not fill a batch would show as another number of images.
  private static final class Means implements ImageTextEmbedder {
    private int batches;
    private int killedAt = Integer.MAX_VALUE;

    @Override
    public float[][] embedImages(byte[] images, int count) {
      assertThat(count).isEqualTo(BATCH);
      if (++batches > killedAt) {
        throw new IllegalStateException("killed");
      }
      float[][] means = new float[count][3];
      for (int i = 0; i < images.length; i++) {
        means[i / (3 * SIDE * SIDE)][i / (SIDE * SIDE) % 3] += (images[i] & 0xff) / 64f;
      }
      return means;
    }

    @Override
    public float[][] embedTexts(List<String> texts) {
      return texts.stream()
          .map(text -> new float[] {text.length(), text.charAt(0)})
          .toArray(float[][]::new);
    }
  }

  @BeforeEach
  void tiles() throws IOException {
    tiles = Files.createDirectories(home.resolve("tiles"));
    for (int i = 0; i < TILES; i++) {
      tile(i, i);
    }
    Files.writeString(tiles.resolve("t05.png"), "no image");
  }

  private void tile(int number, int seed) throws IOException {
    byte[] pixels = new byte[3 * 12 * 10];
    Arrays.fill(pixels, (byte) (7 * seed + 1));
    Files.write(
        tiles.resolve("t%02d.png".formatted(number)), Png.encode(new RgbImage(12, 10, pixels)));
  }

  private static SortedMap<String, String> pins(String model) {
    return new TreeMap<>(Map.of("model.sha256", model));
  }

  private EmbeddingPass pass(Path out, String model, Optional<EmbeddingCache> cache)
      throws IOException {
    var decoder = new ImageDecoder();
    ListedImages images = ListedImages.open(tiles, ListedImages.Columns.GUESSED, decoder);
    ImageFeed feed = ImageFeed.of(images, decoder, EvaluationTransform.openClip(SIDE, SIDE), cache);
    return new EmbeddingPass(
        feed,
        new EmbeddingPass.Settings(BATCH, 2, NumberType.FP32),
        ActivationFile.ofEmbeddings(out),
        pins(model),
        Map.of());
  }

  private Optional<Long> run(Path out, Means model, BooleanSupplier stop) throws IOException {
    return pass(out, "a", Optional.empty()).run(model, Group.ALONE, listener, stop);
  }

  private static BooleanSupplier after(int calls) {
    int[] left = {calls};
    return () -> left[0]-- == 0;
  }

  @Test
  void aStoppedAKilledAndATornPassGoOnToTheSameBytes() throws IOException {
    for (String ending : List.of("parquet", "safetensors", "npz", "npy")) {
      Path whole = home.resolve("whole." + ending);
      assertThat(run(whole, new Means(), () -> false)).contains(TILES - 1L);
      Path out = home.resolve("parts." + ending);
      assertThat(run(out, new Means(), after(9))).isEmpty();
      Path work = home.resolve("parts.%s.part".formatted(ending));
      var killed = new Means();
      killed.killedAt = 1;
      assertThatThrownBy(() -> run(out, killed, () -> false)).hasMessageContaining("killed");
      StandardOpenOption[] behind = {StandardOpenOption.APPEND};
      Files.write(work.resolve("embedding"), new byte[] {1, 2, 3}, behind);
      Files.write(work.resolve("rows.jsonl"), new byte[] {'{', (byte) 0xc3}, behind);
      var last = new Means();
      assertThat(run(out, last, () -> false)).contains(TILES - 1L);
      assertThat(last.batches).isLessThan(TILES / BATCH + 1).isPositive();
      assertThat(out).hasSameBinaryContentAs(whole);
      assertThat(work).doesNotExist();
      assertThat(notes).anyMatch(note -> note.contains(": goes on behind "));
    }
  }

  /// The first rank has the cache of all; a rank that is asked to stop stops all, and another
  /// number of ranks goes on.
  @Test
  void ranksWriteTheBytesOfAProcessAlone() throws Exception {
    Path whole = home.resolve("whole.parquet");
    assertThat(run(whole, new Means(), () -> false)).contains(TILES - 1L);
    for (int ranks = 2; ranks <= 4; ranks++) {
      Path out = home.resolve("ranks-%d.parquet".formatted(ranks));
      List<Integer> batches =
          LocalRanks.run(
              ranks,
              group -> {
                var model = new Means();
                assertThat(
                        pass(out, "a", Optional.empty()).run(model, group, listener, () -> false))
                    .contains(TILES - 1L);
                return model.batches;
              });
      assertThat(batches).allMatch(own -> own > 0);
      assertThat(batches.stream().mapToInt(own -> own).sum()).isEqualTo(6);
      assertThat(out).hasSameBinaryContentAs(whole);
    }
    Path out = home.resolve("parts.parquet");
    LocalRanks.run(
        3,
        group ->
            assertThat(
                    pass(out, "a", Optional.empty())
                        .run(new Means(), group, listener, () -> group.rank() == 2))
                .isEmpty());
    LocalRanks.run(
        2,
        group ->
            assertThat(
                    pass(out, "a", Optional.empty()).run(new Means(), group, listener, () -> false))
                .contains(TILES - 1L));
    assertThat(notes)
        .anyMatch(note -> note.contains("goes on behind %d rows".formatted(3 * BATCH)));
    assertThat(out).hasSameBinaryContentAs(whole);
  }

  @Test
  void ranksEmbedTextsInTheBatchesOfAProcessAlone() throws Exception {
    Path whole = home.resolve("whole.npy");
    assertThat(textPass(whole).run(new Widest(99), Group.ALONE, listener, () -> false))
        .contains(22L);
    Path out = home.resolve("ranks.npy");
    LocalRanks.run(
        3,
        group ->
            assertThat(textPass(out).run(new Widest(99), group, listener, () -> false))
                .contains(22L));
    assertThat(out).hasSameBinaryContentAs(whole);
  }

  @Test
  void theFirstRankRemembersWhatOthersEmbedded() throws Exception {
    Path folder = home.resolve("cache");
    LocalRanks.run(
        2,
        group -> {
          Optional<EmbeddingCache> cache =
              group.isFirst()
                  ? Optional.of(EmbeddingCache.open(folder, pins("a"), 3))
                  : Optional.empty();
          pass(home.resolve("a.npy"), "a", cache).run(new Means(), group, listener, () -> false);
          if (cache.isPresent()) {
            cache.get().close();
          }
          return group.rank();
        });
    var second = new Means();
    try (EmbeddingCache cache = EmbeddingCache.open(folder, pins("a"), 3)) {
      pass(home.resolve("b.npy"), "a", Optional.of(cache))
          .run(second, Group.ALONE, listener, () -> false);
    }
    assertThat(second.batches).isZero();
    assertThat(home.resolve("b.npy")).hasSameBinaryContentAs(home.resolve("a.npy"));
  }

  /// Each text's vector tells of the others of its batch.
  private static final class Widest implements ImageTextEmbedder {
    private int left;

    Widest(int batches) {
      this.left = batches;
    }

    @Override
    public float[][] embedImages(byte[] images, int count) {
      throw new IllegalStateException("there are none");
    }

    @Override
    public float[][] embedTexts(List<String> texts) {
      if (left-- == 0) {
        throw new IllegalStateException("killed");
      }
      float widest = texts.stream().mapToInt(String::length).max().orElse(0);
      return texts.stream()
          .map(text -> new float[] {text.length(), widest, texts.size()})
          .toArray(float[][]::new);
    }
  }

  private EmbeddingPass textPass(Path out) throws IOException {
    var lines = new StringBuilder();
    for (int i = 0; i < 22; i++) {
      lines.append("x".repeat(1 + i * 7 % 11)).append('\n');
    }
    Path file = home.resolve("t.txt");
    if (Files.notExists(file)) { // ranks call this at once, behind a process alone
      Files.writeString(file, lines);
    }
    ListedImages texts = ListedTexts.open(file, ListedImages.Columns.GUESSED, Optional.empty());
    TextFeed feed = TextFeed.of(texts, String::length, 10);
    assertThat(feed.notes())
        .containsExactly(
            "2 of 22 texts have more than the model's 10 tokens and are cut: line 4 has 11");
    return new EmbeddingPass(
        feed,
        new EmbeddingPass.Settings(BATCH, 2, NumberType.FP32),
        ActivationFile.ofEmbeddings(out),
        pins("a"),
        Map.of());
  }

  @Test
  void textsGoOnWhereABatchBegan() throws IOException {
    Path whole = home.resolve("whole.npz");
    assertThat(textPass(whole).run(new Widest(99), Group.ALONE, listener, () -> false))
        .contains(22L);
    Path out = home.resolve("parts.npz");
    assertThat(textPass(out).run(new Widest(99), Group.ALONE, listener, after(15))).isEmpty();
    Path rows = home.resolve("parts.npz.part/rows.jsonl");
    List<String> lines = Files.readAllLines(rows);
    // A process that was killed while the lines of a batch were written.
    Files.writeString(rows, String.join("\n", lines.subList(0, lines.size() - 2)) + "\n");
    assertThatThrownBy(() -> textPass(out).run(new Widest(1), Group.ALONE, listener, () -> false))
        .hasMessageContaining("killed");
    assertThat(textPass(out).run(new Widest(99), Group.ALONE, listener, () -> false)).contains(22L);
    assertThat(out).hasSameBinaryContentAs(whole);
  }

  @Test
  void whatChangedBetweenTwoCallsIsEmbeddedAnew() throws IOException {
    Path out = home.resolve("e.parquet");
    assertThat(run(out, new Means(), after(TILES - 1))).isEmpty();
    tile(3, 20);
    assertThat(run(out, new Means(), () -> false)).contains(TILES - 1L);
    Path whole = home.resolve("whole.parquet");
    assertThat(run(whole, new Means(), () -> false)).contains(TILES - 1L);
    assertThat(out).hasSameBinaryContentAs(whole);
    // A file that was left out and is an image now.
    assertThat(pass(out, "a", Optional.empty()).isDone(listener)).isTrue();
    tile(5, 5);
    assertThat(pass(out, "a", Optional.empty()).isDone(listener)).isFalse();
    assertThat(run(out, new Means(), () -> false)).contains((long) TILES);
    assertThat(home.resolve("e.parquet.left-out.jsonl")).doesNotExist();
    assertThat(pass(out, "a", Optional.empty()).isDone(listener)).isTrue();
    assertThatThrownBy(() -> pass(out, "b", Optional.empty()).isDone(listener))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("made otherwise: model.sha256 was 'a' and is 'b'");
  }

  @Test
  void aCacheGivesWhatWasComputedAndNothingOfAnotherModel() throws IOException {
    Path folder = home.resolve("cache");
    var first = new Means();
    try (EmbeddingCache cache = EmbeddingCache.open(folder, pins("a"), 3)) {
      pass(home.resolve("a.npy"), "a", Optional.of(cache))
          .run(first, Group.ALONE, listener, () -> false);
      // A second one finds the folder taken: it takes what there is, and keeps nothing.
      try (EmbeddingCache other = EmbeddingCache.open(folder, pins("a"), 3)) {
        assertThat(other.writes()).isFalse();
      }
    }
    assertThat(first.batches).isEqualTo(6);
    var second = new Means();
    tile(8, 77);
    try (EmbeddingCache cache = EmbeddingCache.open(folder, pins("a"), 3)) {
      pass(home.resolve("b.npy"), "a", Optional.of(cache))
          .run(second, Group.ALONE, listener, () -> false);
    }
    assertThat(second.batches).isEqualTo(1);
    run(home.resolve("c.npy"), new Means(), () -> false);
    assertThat(home.resolve("b.npy")).hasSameBinaryContentAs(home.resolve("c.npy"));
    var other = new Means();
    try (EmbeddingCache cache = EmbeddingCache.open(folder, pins("b"), 3)) {
      pass(home.resolve("d.npy"), "b", Optional.of(cache))
          .run(other, Group.ALONE, listener, () -> false);
    }
    assertThat(other.batches).isEqualTo(6);
  }

  @Test
  void aCacheThatWasTornOrDamagedIsNotBelieved() throws IOException {
    Path folder = home.resolve("cache");
    try (EmbeddingCache cache = EmbeddingCache.open(folder, pins("a"), 3)) {
      pass(home.resolve("a.npy"), "a", Optional.of(cache))
          .run(new Means(), Group.ALONE, listener, () -> false);
    }
    Path inside;
    try (Stream<Path> folders = Files.list(folder)) {
      inside = folders.toList().getFirst();
    }
    byte[] vectors = Files.readAllBytes(inside.resolve("vectors"));
    vectors[2] ^= 8;
    Files.write(inside.resolve("vectors"), Arrays.copyOf(vectors, vectors.length - 5));
    Files.write(inside.resolve("keys"), new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
    var model = new Means();
    try (EmbeddingCache cache = EmbeddingCache.open(folder, pins("a"), 3)) {
      pass(home.resolve("b.npy"), "a", Optional.of(cache))
          .run(model, Group.ALONE, listener, () -> false);
    }
    // The first and the last, too far apart to wait for each other.
    assertThat(model.batches).isEqualTo(2);
    assertThat(home.resolve("b.npy")).hasSameBinaryContentAs(home.resolve("a.npy"));
    Files.writeString(inside.resolve("about.json"), "{\"model.sha256\": \"z\"}");
    assertThatThrownBy(() -> EmbeddingCache.open(folder, pins("a"), 3))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("holds embeddings of another model: model.sha256 was 'z' and is 'a'");
  }

  @Test
  void placesAreFoundAgainHoweverManyThereAre() {
    var table = new DigestTable();
    for (int i = 0; i < 5000; i++) {
      table.put(digest(i), i);
    }
    for (int i = 0; i < 5000; i++) {
      assertThat(table.find(digest(i))).isEqualTo(i);
    }
    table.put(digest(17), 9999);
    assertThat(table.find(digest(17))).isEqualTo(9999);
    assertThat(table.find(digest(5001))).isNegative();
  }

  private static byte[] digest(int number) {
    try {
      return java.security.MessageDigest.getInstance("SHA-256")
          .digest(Integer.toString(number).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }
}
