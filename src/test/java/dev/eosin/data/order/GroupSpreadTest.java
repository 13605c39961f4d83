package dev.eosin.data.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.data.EpochContent;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleGroups;
import dev.eosin.data.Source;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class GroupSpreadTest {
  private static final RandomKey KEY = new RandomKey(42);

  /// Samples without pixels, each in the group that a list names; a negative one is none.
  private record Grouped(int[] groups) implements Source {
    @Override
    public long size() {
      return groups.length;
    }

    @Override
    public Sample get(long index) {
      int group = groups[(int) index];
      return new Sample(
          "s" + index,
          () -> {
            throw new IllegalStateException("no pixels");
          },
          List.of(),
          Optional.empty(),
          group < 0 ? Optional.empty() : Optional.of("slide-" + group));
    }

    @Override
    public String fingerprint() {
      return Arrays.toString(groups);
    }
  }

  /// Groups of random sizes of at most `largest`, in random order.
  private static int[] groups(Random random, int samples, int largest) {
    List<Integer> groups = new ArrayList<>();
    for (int group = 0; groups.size() < samples; group++) {
      int size = 1 + random.nextInt(largest);
      for (int i = 0; i < size && groups.size() < samples; i++) {
        groups.add(group);
      }
    }
    Collections.shuffle(groups, random);
    return groups.stream().mapToInt(Integer::intValue).toArray();
  }

  private static GroupSpread spread(EpochContent content, int[] groups, int batch) {
    return new GroupSpread(KEY, content, SampleGroups.of(new Grouped(groups)), batch);
  }

  @Test
  void noBatchHoldsTwoOfAGroupWhereThatIsPossible() {
    Random random = new Random(1);
    for (int trial = 0; trial < 150; trial++) {
      int batch = 2 + random.nextInt(12);
      int samples = 2 * batch + random.nextInt(200);
      int whole = samples / batch - (samples % batch == 0 ? 0 : 1);
      int[] groups = groups(random, samples, whole);
      GroupSpread spread = spread(new EpochContent.EverySample(samples), groups, batch);
      assertThat(spread.note(new Grouped(groups))).isEmpty();
      for (long first = 0; first + batch <= 4L * samples; first += batch) {
        assertThat(LongStream.range(first, first + batch).map(p -> groups[(int) spread.sample(p)]))
            .as("batch of %d at %d of %d samples", batch, first, samples)
            .doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void everyEpochHasEverySampleOnceInAnOrderOfItsOwn() {
    Random random = new Random(2);
    for (int trial = 0; trial < 100; trial++) {
      int batch = 1 + random.nextInt(20);
      int samples = batch + random.nextInt(150);
      int[] groups = groups(random, samples, 1 + random.nextInt(samples));
      GroupSpread spread = spread(new EpochContent.EverySample(samples), groups, batch);
      int[] all = IntStream.range(0, samples).toArray();
      for (int epoch = 0; epoch < 4; epoch++) {
        assertThat(epoch(spread, epoch, samples).sorted().toArray()).isEqualTo(all);
      }
      if (samples > 20) {
        assertThat(epoch(spread, 1, samples).toArray())
            .isNotEqualTo(epoch(spread, 0, samples).toArray());
      }
    }
  }

  @Test
  void aGroupThatIsTooLargeIsDealtOutEvenlyAndReported() {
    Random random = new Random(3);
    for (int trial = 0; trial < 60; trial++) {
      int batch = 4 + random.nextInt(8);
      int whole = 3 + random.nextInt(8);
      int[] groups = groups(random, batch * whole, 1 + random.nextInt(4 * whole));
      int[] sizes = new int[groups.length];
      IntStream.of(groups).forEach(group -> sizes[group]++);
      GroupSpread spread = spread(new EpochContent.EverySample(groups.length), groups, batch);
      for (int first = 0; first < groups.length; first += batch) {
        int[] counts = new int[groups.length];
        LongStream.range(first, first + batch)
            .forEach(p -> counts[groups[(int) spread.sample(p)]]++);
        for (int group = 0; group < counts.length; group++) {
          assertThat(counts[group])
              .isBetween(sizes[group] / whole, Math.ceilDiv(sizes[group], whole));
        }
      }
    }
    int[] groups = new int[24];
    Arrays.fill(groups, 0, 10, 7);
    Arrays.fill(groups, 10, 24, -1);
    GroupSpread spread = spread(new EpochContent.EverySample(24), groups, 6);
    assertThat(spread.note(new Grouped(groups)))
        .contains(
            "data.train-order: 1 of 15 groups have more samples than an epoch has whole batches"
                + " (4), so some batches hold several of one; the largest, slide-7, has 10: up to"
                + " 3 in a batch");
  }

  @Test
  void anyPositionIsKnownWithoutTheOthers() {
    int[] groups = groups(new Random(4), 101, 5);
    GroupSpread whole = spread(new EpochContent.EverySample(101), groups, 8);
    long[] stream = LongStream.range(0, 808).map(whole::sample).toArray();
    for (long position : new long[] {807, 0, 403, 202, 203, 700, 100, 101}) {
      GroupSpread resumed = spread(new EpochContent.EverySample(101), groups, 8);
      assertThat(resumed.sample(position)).isEqualTo(stream[(int) position]);
    }
    List<Integer> backwards = IntStream.range(0, 808).map(i -> 807 - i).boxed().toList();
    assertThat(backwards).allMatch(position -> whole.sample(position) == stream[position]);
    assertThat(IntStream.range(0, 808).parallel().boxed().toList())
        .allMatch(position -> whole.sample(position) == stream[position]);
  }

  @Test
  void aMixtureKeepsItsSharesAndASampleThatComesTwiceIsApart() {
    var parts = EpochContent.Parts.of(List.of(20L, 200L), List.of(1.0, 2.0), 150);
    int[] groups = new int[220];
    Arrays.setAll(groups, sample -> sample < 20 ? -1 : sample / 4);
    GroupSpread spread = spread(parts, groups, 10);
    for (int epoch = 0; epoch < 4; epoch++) {
      int[] expected = parts.samples(KEY, epoch);
      Arrays.sort(expected);
      assertThat(epoch(spread, epoch, 150).sorted().toArray()).isEqualTo(expected);
    }
    for (int first = 0; first < 600; first += 10) {
      assertThat(
              LongStream.range(first, first + 10)
                  .map(spread::sample)
                  .map(sample -> sample < 20 ? 1_000 + sample : groups[(int) sample]))
          .doesNotHaveDuplicates();
    }
  }

  /// Twelve groups of two in four batches of six: an epoch has 4 x 15 meetings of two groups, of
  /// which there are 66 pairs.
  @Test
  void whoMeetsWhomIsLeftToChance() {
    int[] groups = IntStream.range(0, 24).map(sample -> sample / 2).toArray();
    GroupSpread spread = spread(new EpochContent.EverySample(24), groups, 6);
    Map<Integer, Integer> meetings = new HashMap<>();
    for (long first = 0; first < 3_000L * 24; first += 6) {
      int[] batch =
          LongStream.range(first, first + 6)
              .mapToInt(p -> groups[(int) spread.sample(p)])
              .toArray();
      for (int a : batch) {
        Arrays.stream(batch)
            .filter(b -> b > a)
            .forEach(b -> meetings.merge(12 * a + b, 1, Integer::sum));
      }
    }
    assertThat(meetings).hasSize(66);
    double mean = 3_000 * 60 / 66.0;
    assertThat(meetings.values()).allMatch(count -> Math.abs(count - mean) < 0.1 * mean);
  }

  private static IntStream epoch(GroupSpread spread, long epoch, int size) {
    return LongStream.range(epoch * size, (epoch + 1) * size)
        .mapToInt(position -> (int) spread.sample(position));
  }
}
