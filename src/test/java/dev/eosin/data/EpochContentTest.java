package dev.eosin.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.data.EpochContent.Parts;
import dev.eosin.data.order.SampleOrder;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class EpochContentTest {
  private static final RandomKey KEY = new RandomKey(42);

  /// A random mixture: one to five parts of 1 to 60 samples with weights over three orders of
  /// magnitude.
  private record Drawn(List<Long> samples, List<Double> weights, long epoch, Parts parts) {
    static Drawn of(Random random) {
      List<Long> samples = new ArrayList<>();
      List<Double> weights = new ArrayList<>();
      for (int part = random.nextInt(5); part >= 0; part--) {
        samples.add(1L + random.nextInt(60));
        weights.add(Math.pow(10, 3 * random.nextDouble()));
      }
      long epoch = 1 + random.nextInt(150);
      return new Drawn(samples, weights, epoch, Parts.of(samples, weights, epoch));
    }

    double exact(int part) {
      double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
      return weights.get(part) / sum * epoch;
    }
  }

  @Test
  void everyEpochHasEachPartsShareToTheSample() {
    Random random = new Random(1);
    for (int trial = 0; trial < 60; trial++) {
      Drawn drawn = Drawn.of(random);
      assertThat(drawn.parts.size()).isEqualTo(drawn.epoch);
      SampleOrder order = new SampleOrder(KEY, drawn.parts);
      for (long epoch = 0; epoch < 3; epoch++) {
        long[] counts = new long[drawn.samples.size()];
        long first = epoch * drawn.epoch;
        LongStream.range(first, first + drawn.epoch)
            .map(order::index)
            .forEach(index -> counts[partOf(drawn, index)]++);
        for (int part = 0; part < counts.length; part++) {
          assertThat(counts[part]).isEqualTo(drawn.parts.list().get(part).places());
          assertThat(Math.abs(counts[part] - drawn.exact(part))).isLessThan(1);
        }
      }
    }
  }

  @Test
  void aPartGoesThroughAllItsSamplesBeforeOneComesAgain() {
    Random random = new Random(2);
    for (int trial = 0; trial < 60; trial++) {
      Drawn drawn = Drawn.of(random);
      SampleOrder order = new SampleOrder(KEY, drawn.parts);
      int epochs = 1 + random.nextInt(6);
      long[] uses = new long[drawn.samples.stream().mapToInt(Long::intValue).sum()];
      LongStream.range(0, epochs * drawn.epoch).map(order::index).forEach(i -> uses[(int) i]++);
      for (Parts.Part part : drawn.parts.list()) {
        long least = epochs * part.places() / part.samples();
        long[] own =
            Arrays.copyOfRange(uses, (int) part.first(), (int) (part.first() + part.samples()));
        assertThat(Arrays.stream(own)).allMatch(count -> count == least || count == least + 1);
        assertThat(Arrays.stream(own).sum()).isEqualTo(epochs * part.places());
      }
    }
  }

  @Test
  void allPlacesAtOnceAreThePlacesOneByOne() {
    Random random = new Random(3);
    for (int trial = 0; trial < 30; trial++) {
      Drawn drawn = Drawn.of(random);
      for (long epoch = 0; epoch < 4; epoch++) {
        long now = epoch;
        assertThat(drawn.parts.samples(KEY, epoch))
            .isEqualTo(
                LongStream.range(0, drawn.epoch)
                    .mapToInt(place -> (int) drawn.parts.sample(KEY, now, place))
                    .toArray());
      }
    }
    assertThat(new EpochContent.EverySample(4).samples(KEY, 1)).containsExactly(0, 1, 2, 3);
  }

  @Test
  void partsAreMixedWithinAnEpochAndOrderedApartFromEachOther() {
    Parts parts = Parts.of(List.of(50L, 50L), List.of(1.0, 1.0), 100);
    SampleOrder order = new SampleOrder(KEY, parts);
    long[] epoch = LongStream.range(0, 100).map(order::index).toArray();
    assertThat(Arrays.stream(epoch).limit(40).filter(index -> index < 50).count())
        .isBetween(10L, 30L);
    int[] places = parts.samples(KEY, 0);
    int[] first = Arrays.copyOf(places, 50);
    int[] second = Arrays.stream(places).skip(50).map(index -> index - 50).toArray();
    assertThat(first).isNotEqualTo(second);
    assertThat(parts.samples(KEY, 1)).isNotEqualTo(places);
    assertThat(parts.samples(new RandomKey(43), 0)).isNotEqualTo(places);
  }

  @Test
  void aStandInComesFromTheSamePart() {
    Parts parts = Parts.of(List.of(10L, 1_000L), List.of(1.0, 1.0), 100);
    SampleOrder order = new SampleOrder(KEY, parts);
    Set<Long> standIns = new HashSet<>();
    for (long position = 0; position < 100; position++) {
      boolean first = order.index(position) < 10;
      for (int attempt = 1; attempt <= 16; attempt++) {
        long standIn = order.refill(position, attempt);
        assertThat(standIn < 10).isEqualTo(first);
        standIns.add(standIn);
      }
    }
    assertThat(standIns).hasSizeGreaterThan(400);
  }

  private static int partOf(Drawn drawn, long index) {
    int part = 0;
    while (index >= drawn.parts.list().get(part).first() + drawn.samples.get(part)) {
      part++;
    }
    return part;
  }
}
