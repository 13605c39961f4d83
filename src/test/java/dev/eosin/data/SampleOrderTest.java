package dev.eosin.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.data.order.SampleOrder;
import dev.eosin.random.RandomKey;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SampleOrderTest {
  private static final RandomKey KEY = new RandomKey(42);

  @Test
  void everyEpochIsAPermutationForSizesUpTo2000() {
    for (int size = 1; size <= 2_000; size++) {
      Permutation permutation = new Permutation(KEY, size % 7, size);
      long distinct = LongStream.range(0, size).map(permutation::apply).distinct().count();
      assertThat(distinct).as("images of %d samples", size).isEqualTo(size);
    }
  }

  @Test
  void hugeSourcesStayInsideTheirBounds() {
    long size = (1L << 40) + 17;
    Permutation permutation = new Permutation(KEY, 3, size);
    assertThat(LongStream.range(0, 2_000).map(i -> permutation.apply(i * (size / 2_000))))
        .allMatch(image -> image >= 0 && image < size)
        .doesNotHaveDuplicates();
  }

  /// 12,000 epochs of four samples: each of the 24 orders expected 500 times. Chi-square with 23
  /// degrees of freedom exceeds 49.7 with probability 0.001.
  @Test
  void allOrdersOfAFewSamplesAreEquallyLikely() {
    SampleOrder order = new SampleOrder(KEY, 4);
    Map<String, Integer> counts = new HashMap<>();
    for (long epoch = 0; epoch < 12_000; epoch++) {
      long first = 4 * epoch;
      String row = Arrays.toString(LongStream.range(first, first + 4).map(order::index).toArray());
      counts.merge(row, 1, Integer::sum);
    }
    assertThat(counts).hasSize(24);
    assertThat(chiSquare(counts.values().stream().mapToInt(Integer::intValue), 500))
        .isLessThan(49.7);
  }

  /// Where sample goes to place, over 30,000 epochs of 10: 100 cells of which 81 are free.
  /// Chi-square with 81 degrees of freedom exceeds 126.1 with probability 0.001.
  @Test
  void everySampleIsEquallyLikelyAtEveryPlace() {
    int[] counts = new int[100];
    for (long epoch = 0; epoch < 30_000; epoch++) {
      Permutation permutation = new Permutation(KEY, epoch, 10);
      for (int x = 0; x < 10; x++) {
        counts[10 * x + Math.toIntExact(permutation.apply(x))]++;
      }
    }
    assertThat(chiSquare(Arrays.stream(counts), 3_000)).isLessThan(126.1);
  }

  /// Neighbours in one order of 50,000 samples: the distance from one place to the next, in 50
  /// equal bins. Chi-square with 49 degrees of freedom exceeds 85.4 with probability 0.001.
  @Test
  void neighboursAreFarApartAtRandom() {
    int size = 50_000;
    Permutation permutation = new Permutation(KEY, 1, size);
    long[] images = LongStream.range(0, size).map(permutation::apply).toArray();
    int[] counts = new int[50];
    for (int x = 1; x < size; x++) {
      counts[Math.toIntExact(Math.floorMod(images[x] - images[x - 1], size) / 1_000)]++;
    }
    assertThat(chiSquare(Arrays.stream(counts), (size - 1) / 50.0)).isLessThan(85.4);
  }

  @Test
  void epochsAndSeedsHaveDifferentOrders() {
    SampleOrder order = new SampleOrder(KEY, 100);
    long[] first = LongStream.range(0, 100).map(order::index).toArray();
    assertThat(LongStream.range(100, 200).map(order::index).toArray()).isNotEqualTo(first);
    SampleOrder other = new SampleOrder(new RandomKey(43), 100);
    assertThat(LongStream.range(0, 100).map(other::index).toArray()).isNotEqualTo(first);
  }

  @Test
  void aPositionNeedsNoPositionsBeforeIt() {
    SampleOrder order = new SampleOrder(KEY, 37);
    long[] all = LongStream.range(0, 500).map(order::index).toArray();
    SampleOrder resumed = new SampleOrder(new RandomKey(42), 37);
    assertThat(LongStream.range(300, 500).map(resumed::index).toArray())
        .isEqualTo(Arrays.copyOfRange(all, 300, 500));
    assertThat(order.epoch(36)).isZero();
    assertThat(order.epoch(37)).isOne();
  }

  @Test
  void refillsDependOnPositionAndAttemptOnly() {
    SampleOrder order = new SampleOrder(KEY, 1_000);
    long[] draws = IntStream.rangeClosed(1, 50).mapToLong(a -> order.refill(5, a)).toArray();
    assertThat(IntStream.rangeClosed(1, 50).mapToLong(a -> order.refill(5, a)).toArray())
        .isEqualTo(draws);
    assertThat(Arrays.stream(draws)).allMatch(index -> index >= 0 && index < 1_000);
    assertThat(Arrays.stream(draws).distinct().count()).isGreaterThan(40);
    assertThat(order.refill(6, 1)).isNotEqualTo(order.refill(5, 1));
  }

  @Test
  void captionChoiceUsesAllCaptions() {
    SampleOrder order = new SampleOrder(KEY, 10);
    List<Caption> captions = Caption.equal(List.of("a", "b", "c"));
    int[] counts = new int[3];
    for (long position = 0; position < 3_000; position++) {
      counts[captions.indexOf(order.caption(position, captions))]++;
    }
    assertThat(chiSquare(Arrays.stream(counts), 1_000)).isLessThan(13.8);
  }

  /// As the choice was drawn before captions had weights: recorded runs must not change.
  @Test
  void equalWeightsDrawAsIfThereWereNone() {
    SampleOrder order = new SampleOrder(KEY, 10);
    for (double weight : new double[] {1, 0.3}) {
      List<Caption> captions =
          Stream.of("a", "b", "c").map(text -> new Caption(text, weight)).toList();
      for (long position = 0; position < 200; position++) {
        int drawn =
            KEY.stream(RandomKey.Purpose.CAPTION_CHOICE, position / 10, position).nextInt(3);
        assertThat(order.caption(position, captions)).isEqualTo(captions.get(drawn));
      }
    }
  }

  @Test
  void captionsAreDrawnAsOftenAsTheirWeightsSay() {
    SampleOrder order = new SampleOrder(KEY, 10);
    List<Caption> captions =
        List.of(new Caption("a", 0.5), new Caption("b", 3), new Caption("c", 1.5));
    double[] expected = {3_000, 18_000, 9_000};
    int[] counts = new int[3];
    for (long position = 0; position < 30_000; position++) {
      counts[captions.indexOf(order.caption(position, captions))]++;
    }
    double chiSquare =
        IntStream.range(0, 3)
            .mapToDouble(i -> (counts[i] - expected[i]) * (counts[i] - expected[i]) / expected[i])
            .sum();
    assertThat(chiSquare).isLessThan(13.8);
  }

  @Test
  void anEmptyOrderIsRefused() {
    assertThatThrownBy(() -> new SampleOrder(KEY, 0)).hasMessageContaining("at least one sample");
  }

  private static double chiSquare(IntStream counts, double expected) {
    return counts.mapToDouble(count -> (count - expected) * (count - expected) / expected).sum();
  }
}
