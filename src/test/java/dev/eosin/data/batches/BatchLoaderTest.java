package dev.eosin.data.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.config.Share;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.TinySource;
import dev.eosin.data.order.Preparation;
import dev.eosin.data.order.SampleOrder;
import dev.eosin.data.settings.BadRowSettings;
import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.text.CaptionEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BatchLoaderTest {
  private static final RandomKey KEY = new RandomKey(42);
  private static final BadRowSettings HALF = new BadRowSettings(new Share(0.5));
  private static final TinySource SOURCE = new TinySource(50, Set.of(3L, 17L, 40L));

  /// A copy of everything in a batch that must not depend on threads or resuming.
  private record Copy(
      long firstPosition,
      List<Batch.Row> rows,
      String images,
      String ids,
      String lengths,
      String captionClasses,
      List<BadRow> badRows) {
    static Copy of(Batch batch) {
      return new Copy(
          batch.firstPosition(),
          batch.rows(),
          Arrays.toString(batch.images().onHeap()),
          Arrays.toString(batch.caption().ids()),
          Arrays.toString(batch.caption().lengths()),
          Arrays.toString(batch.captionClasses()),
          batch.badRows());
    }
  }

  @Test
  void batchesDoNotDependOnTheNumberOfWorkers() throws IOException {
    List<Copy> one = train(1, 0, 20);
    assertThat(train(2, 0, 20)).isEqualTo(one);
    assertThat(train(4, 0, 20)).isEqualTo(one);
    assertThat(one.stream().mapToInt(copy -> copy.badRows().size()).sum()).isPositive();
  }

  @Test
  void resumingContinuesWithTheNextBatch() throws IOException {
    List<Copy> uninterrupted = train(2, 0, 20);
    for (int done : new int[] {1, 7, 13}) {
      assertThat(train(3, 8L * done, 20 - done)).isEqualTo(uninterrupted.subList(done, 20));
    }
  }

  @Test
  void positionCountsDeliveredBatchesOnly() throws Exception {
    try (BatchLoader loader = training(SOURCE, 2, 16, HALF)) {
      Thread.sleep(50);
      assertThat(loader.position()).isEqualTo(16);
      loader.next();
      assertThat(loader.position()).isEqualTo(24);
    }
  }

  @Test
  void anEpochHoldsEverySampleOnceAndEpochsStraddleBatches() throws IOException {
    TinySource source = new TinySource(20, Set.of());
    List<String> keys = new ArrayList<>();
    try (BatchLoader loader = training(source, 2, 0, HALF)) {
      for (int k = 0; k < 5; k++) {
        Batch batch = loader.next();
        assertThat(batch.size()).isEqualTo(8);
        keys.addAll(batch.keys());
      }
    }
    Set<String> all =
        LongStream.range(0, 20).mapToObj(i -> "tile-" + i).collect(Collectors.toSet());
    assertThat(keys.subList(0, 20)).doesNotHaveDuplicates().hasSameElementsAs(all);
    assertThat(keys.subList(20, 40)).hasSameElementsAs(all).isNotEqualTo(keys.subList(0, 20));
  }

  @Test
  void rowsHoldTheirPixelsAndPaddedIds() throws IOException {
    try (BatchLoader loader = training(new TinySource(50, Set.of()), 1, 0, HALF)) {
      Batch batch = loader.next();
      int image = 3 * TinySource.SIDE * TinySource.SIDE;
      for (int row = 0; row < batch.size(); row++) {
        long index = Long.parseLong(batch.keys().get(row).substring("tile-".length()));
        assertThat(batch.images().pixels().get((long) row * image) - index).isBetween(0L, 2L);
        String caption = batch.captions().get(row);
        assertThat(caption).endsWith(" of " + index);
        int length = Math.min(20, caption.length() + 2);
        assertThat(batch.caption().lengths()[row]).isEqualTo(length);
        assertThat(batch.caption().ids()[row * 20 + length - 1]).isEqualTo(2);
        assertThat(Arrays.copyOfRange(batch.caption().ids(), row * 20 + length, (row + 1) * 20))
            .containsOnly(
                batch.caption().ids().length > 0 && length < 20 ? new int[] {7} : new int[0]);
      }
      assertThat(batch.caption().longest(0, batch.size()))
          .isEqualTo(Arrays.stream(batch.caption().lengths()).max().orElseThrow());
      assertThat(new HashSet<>(batch.captions())).anyMatch(c -> c.startsWith("two"));
      assertThat(new HashSet<>(batch.captions())).anyMatch(c -> c.startsWith("caption one"));
    }
  }

  @Test
  void rowsWithEqualIdsShareACaptionClass() throws IOException {
    // Cut to seven ids, "caption one of 3" and "caption one of 4" are one caption, and so on.
    Preparation cut =
        new PairPreparation(
            new TinySource.Noise(), CaptionEncoder.truncating(new TinySource.Letters(), 7));
    TinySource source = new TinySource(24, Set.of(3L, 5L));
    BadRowLog log = BadRowLog.unlisted("data.validation", HALF, 24);
    SampleOrder order = new SampleOrder(KEY, 24);
    try (BatchLoader loader = BatchLoader.training(source, order, cut, 24, 2, 0, log)) {
      Batch batch = loader.next();
      List<String> cuts = batch.captions().stream().map(c -> c.substring(0, 5)).toList();
      int[] expected = cuts.stream().mapToInt(cuts::indexOf).toArray();
      assertThat(batch.captionClasses()).isEqualTo(expected);
      assertThat(new HashSet<>(cuts)).hasSizeBetween(2, 23);
      List<String> labels = batch.rows().stream().map(row -> row.label().orElseThrow()).toList();
      assertThat(batch.equalLabels().classes())
          .isEqualTo(labels.stream().mapToInt(labels::indexOf).toArray());
      // A stand-in repeats a sample, with all its captions.
      int[] repeats = batch.keys().stream().mapToInt(batch.keys()::indexOf).toArray();
      assertThat(batch.equalImages().classes()).isEqualTo(repeats);
      // A stand-in that repeats a sample drew its other caption, which joins both kinds of rows.
      assertThat(batch.equalCaptions().classes()).containsOnly(0);
    }
    try (BatchLoader loader = BatchLoader.evaluation(source, TinySource.preparation(), 9, 2, log)) {
      Batch batch = loader.next();
      assertThat(batch.captionClasses()).containsExactly(0, 1, 2, 3, 4, 5, 6);
      assertThat(batch.equalCaptions().classes()).containsExactly(0, 1, 2, 3, 4, 5, 6);
    }
  }

  @Test
  void anUnreadableSampleIsReplacedAndReported() throws IOException {
    List<BadRow> bad = train(2, 0, 20).stream().flatMap(copy -> copy.badRows().stream()).toList();
    assertThat(bad).isNotEmpty();
    for (BadRow row : bad) {
      assertThat(row.key()).isIn("tile-3", "tile-17", "tile-40");
      assertThat(row.reason()).isEqualTo(row.key() + ": corrupt");
      assertThat(row.replacedBy()).isPresent();
    }
    assertThat(bad).extracting(BadRow::position).isSorted();
  }

  @Test
  void tooManyUnreadableSamplesStopTheRun() throws IOException {
    BadRowSettings strict = new BadRowSettings(new Share(0.05));
    try (BatchLoader loader = training(SOURCE, 2, 0, strict)) {
      assertThatThrownBy(
              () -> {
                while (loader.position() < 1_000) {
                  loader.next();
                }
              })
          .isInstanceOf(DataException.class)
          .hasMessageContaining("3 of the first")
          .hasMessageContaining("more than data.bad-rows.limit (5 %) allows: tile-");
    }
  }

  @Test
  void aSourceWithoutAnyReadableSampleStopsTheRun() throws IOException {
    TinySource none = new TinySource(5, LongStream.range(0, 5).boxed().collect(Collectors.toSet()));
    BadRowSettings lax = new BadRowSettings(new Share(1.0));
    try (BatchLoader loader = training(none, 2, 0, lax)) {
      assertThatThrownBy(loader::next)
          .isInstanceOf(DataException.class)
          .hasMessageContaining("the 16 samples tried in its place could not be read either");
    }
  }

  @Test
  void aFailureOfAWorkerReachesTheConsumerAtItsBatch() throws IOException {
    TileTransform failing = new FailingAt(10);
    Preparation preparation =
        new PairPreparation(failing, CaptionEncoder.truncating(new TinySource.Letters(), 20));
    TinySource source = new TinySource(20, Set.of());
    BadRowLog log = BadRowLog.unlisted("data.validation", HALF, 20);
    try (BatchLoader loader = BatchLoader.evaluation(source, preparation, 4, 3, log)) {
      assertThat(loader.next().size()).isEqualTo(4);
      assertThat(loader.next().size()).isEqualTo(4);
      assertThatThrownBy(loader::next)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("position 8")
          .hasRootCauseMessage("tile 10");
    }
  }

  @Test
  void evaluationSeesEverySampleOnceInOrderAndLeavesOutBadOnes() throws IOException {
    TinySource source = new TinySource(21, Set.of(5L, 20L));
    List<String> keys = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    BadRowLog log = BadRowLog.unlisted("data.validation", HALF, 21);
    try (BatchLoader loader = BatchLoader.evaluation(source, TinySource.preparation(), 8, 2, log)) {
      while (loader.hasNext()) {
        Batch batch = loader.next();
        sizes.add(batch.size());
        keys.addAll(batch.keys());
        checkPixels(batch);
      }
      assertThatThrownBy(loader::next).hasMessageContaining("no batches are left");
    }
    assertThat(sizes).containsExactly(8 - 1, 8, 5 - 1);
    assertThat(keys)
        .containsExactlyElementsOf(
            LongStream.range(0, 20).filter(i -> i != 5).mapToObj(i -> "tile-" + i).toList());
    assertThat(log.count()).isEqualTo(2);
  }

  @Test
  void samplesWithoutCaptionsCannotTrain() {
    Source labelsOnly =
        new Source() {
          @Override
          public long size() {
            return 1;
          }

          @Override
          public Sample get(long index) {
            Sample sample = SOURCE.get(index);
            return new Sample(
                sample.key(), sample.image(), List.of(), sample.label(), Optional.empty());
          }

          @Override
          public String fingerprint() {
            return "labels";
          }
        };
    assertThatThrownBy(() -> training(labelsOnly, 1, 0, HALF))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("has no caption");
  }

  @Test
  void closingJoinsEveryWorkerAtAnyMoment() throws IOException {
    for (int consumed = 0; consumed < 4; consumed++) {
      BatchLoader loader = training(SOURCE, 4, 0, HALF);
      for (int k = 0; k < consumed; k++) {
        loader.next();
      }
      loader.close();
      assertThatThrownBy(loader::next).hasMessageContaining("closed");
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("data-"));
  }

  @Test
  void buffersAreRecycled() throws IOException {
    Set<Integer> buffers = new HashSet<>();
    try (BatchLoader loader = training(SOURCE, 2, 0, HALF)) {
      for (int k = 0; k < 50; k++) {
        buffers.add(System.identityHashCode(loader.next().images().pixels()));
      }
    }
    assertThat(buffers).hasSize(BatchLoader.RING);
  }

  @Test
  void workersPrepareNoMoreThanTheRing() throws Exception {
    AtomicInteger prepared = new AtomicInteger();
    TileTransform counting = new Counting(prepared);
    Preparation preparation =
        new PairPreparation(counting, CaptionEncoder.truncating(new TinySource.Letters(), 20));
    TinySource source = new TinySource(1_000, Set.of());
    BadRowLog log = BadRowLog.unlisted("data.validation", HALF, 1_000);
    try (BatchLoader loader = BatchLoader.evaluation(source, preparation, 8, 4, log)) {
      for (int consumed = 0; consumed < 5; consumed++) {
        // The batch that the consumer holds, and the others of the ring.
        int bound = 8 * (Math.max(consumed, 1) - 1 + BatchLoader.RING);
        for (int wait = 0; wait < 500 && prepared.get() < bound; wait++) {
          Thread.sleep(1);
        }
        Thread.sleep(5);
        assertThat(prepared).hasValue(bound);
        loader.next();
      }
    }
  }

  private static void checkPixels(Batch batch) {
    int image = 3 * TinySource.SIDE * TinySource.SIDE;
    for (int row = 0; row < batch.size(); row++) {
      long index = batch.rows().get(row).position();
      assertThat(batch.images().pixels().get((long) row * image) - index).isBetween(0L, 2L);
      assertThat((char) batch.caption().ids()[row * 20 + 1]).isEqualTo('c');
    }
  }

  private static List<Copy> train(int workers, long position, int batches) throws IOException {
    List<Copy> copies = new ArrayList<>();
    try (BatchLoader loader = training(SOURCE, workers, position, HALF)) {
      for (int k = 0; k < batches; k++) {
        copies.add(Copy.of(loader.next()));
      }
    }
    return copies;
  }

  private static BatchLoader training(
      Source source, int workers, long position, BadRowSettings limit) throws IOException {
    return BatchLoader.training(
        source,
        new SampleOrder(KEY, source.size()),
        TinySource.preparation(),
        8,
        workers,
        position,
        BadRowLog.unlisted("data.validation", limit, source.size()));
  }

  /// Counts its calls.
  private record Counting(AtomicInteger calls) implements TileTransform {
    @Override
    public int height() {
      return TinySource.SIDE;
    }

    @Override
    public int width() {
      return TinySource.SIDE;
    }

    @Override
    public RgbImage apply(Raster image, RandomStream random) {
      calls.incrementAndGet();
      return image.toRgb();
    }
  }

  /// Fails with something that is no input error.
  private record FailingAt(int index) implements TileTransform {
    @Override
    public int height() {
      return TinySource.SIDE;
    }

    @Override
    public int width() {
      return TinySource.SIDE;
    }

    @Override
    public RgbImage apply(Raster image, RandomStream random) {
      if (image.toRgb().pixels()[0] == index) {
        throw new IllegalArgumentException("tile " + index);
      }
      return image.toRgb();
    }
  }
}
