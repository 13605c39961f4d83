package dev.eosin.data;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Which samples an epoch of training has, in no order that matters: a pure function of (seed,
/// epoch, place) in constant memory.
public sealed interface EpochContent {
  /// Number of places, which is the length of an epoch.
  long size();

  /// The sample at a place of an epoch.
  ///
  /// @param place in [0, size)
  /// @return index in the source
  long sample(RandomKey key, long epoch, long place);

  /// The samples at all places of an epoch.
  ///
  /// @return index in the source, by place
  /// @throws ArithmeticException for an epoch or a source beyond 2^31 - 1 samples
  int[] samples(RandomKey key, long epoch);

  /// A uniform draw among the samples that may stand in for `sample`.
  long standIn(RandomStream random, long sample);

  /// Every sample once.
  ///
  /// @param size of the source
  record EverySample(long size) implements EpochContent {
    /// @throws IllegalArgumentException for an empty source
    public EverySample {
      if (size < 1) {
        throw new IllegalArgumentException("an order needs at least one sample, got " + size);
      }
    }

    @Override
    public long sample(RandomKey key, long epoch, long place) {
      return place;
    }

    @Override
    public int[] samples(RandomKey key, long epoch) {
      return IntStream.range(0, Math.toIntExact(size)).toArray();
    }

    @Override
    public long standIn(RandomStream random, long sample) {
      return random.nextLong(size);
    }
  }

  /// A fixed number of places for each part. A part goes through its own samples in a random order
  /// of its own, again and again, whatever the epochs: n epochs hold each of its samples floor(n
  /// places / samples) times or once more.
  record Parts(List<Part> list) implements EpochContent {
    /// A stretch of the source.
    ///
    /// @param first index of its first sample
    /// @param samples how many it has
    /// @param places how many an epoch takes of it, at least 1
    public record Part(long first, long samples, long places) {}

    public Parts {
      list = List.copyOf(list);
    }

    /// Parts that follow one another, whose places are as near to their weights' share of an epoch
    /// as whole numbers that add up to it can be: floor or ceiling, by largest remainder.
    ///
    /// @param samples of each part
    /// @param weights of each part, relative
    /// @param epoch number of places
    public static Parts of(List<Long> samples, List<Double> weights, long epoch) {
      long[] places = apportion(weights, epoch);
      List<Part> parts = new ArrayList<>();
      long first = 0;
      for (int i = 0; i < places.length; i++) {
        parts.add(new Part(first, samples.get(i), places[i]));
        first += samples.get(i);
      }
      return new Parts(parts);
    }

    private static long[] apportion(List<Double> weights, long epoch) {
      double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
      double[] exact = weights.stream().mapToDouble(weight -> weight / sum * epoch).toArray();
      long[] places = new long[exact.length];
      long left = epoch;
      for (int i = 0; i < exact.length; i++) {
        places[i] = Math.min(left, (long) Math.floor(exact[i]));
        left -= places[i];
      }
      List<Integer> byRemainder =
          IntStream.range(0, exact.length)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> places[i] - exact[i]))
              .toList();
      for (int i = 0; left > 0; i++, left--) {
        places[byRemainder.get(i % exact.length)]++;
      }
      return places;
    }

    @Override
    public long size() {
      return list.stream().mapToLong(Part::places).sum();
    }

    @Override
    public long sample(RandomKey key, long epoch, long place) {
      long left = place;
      int number = 0;
      while (left >= list.get(number).places()) {
        left -= list.get(number).places();
        number++;
      }
      Part part = list.get(number);
      long turn = Math.addExact(Math.multiplyExact(epoch, part.places()), left);
      return part.first() + pass(key, number, turn).apply(turn % part.samples());
    }

    @Override
    public int[] samples(RandomKey key, long epoch) {
      int[] samples = new int[Math.toIntExact(size())];
      int place = 0;
      for (int number = 0; number < list.size(); number++) {
        Part part = list.get(number);
        long turn = Math.multiplyExact(epoch, part.places());
        Permutation pass = pass(key, number, turn);
        for (long end = turn + part.places(); turn < end; turn++) {
          pass = turn % part.samples() == 0 ? pass(key, number, turn) : pass;
          samples[place++] = Math.toIntExact(part.first() + pass.apply(turn % part.samples()));
        }
      }
      return samples;
    }

    /// The order of a part in the pass over it that a turn falls in. Series 0 is the epochs' own.
    private Permutation pass(RandomKey key, int number, long turn) {
      long samples = list.get(number).samples();
      return new Permutation(key, turn / samples, samples, number + 1L);
    }

    @Override
    public long standIn(RandomStream random, long sample) {
      Part own =
          list.stream()
              .filter(part -> sample < part.first() + part.samples())
              .findFirst()
              .orElseThrow();
      return own.first() + random.nextLong(own.samples());
    }
  }
}
