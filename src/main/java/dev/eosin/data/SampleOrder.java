package dev.eosin.data;

import dev.eosin.tensor.RandomKey;
import dev.eosin.tensor.RandomKey.Purpose;
import dev.eosin.tensor.RandomStream;
import java.util.List;

/// The endless stream of samples a run trains on: which sample stands at a global position.
///
/// Position p belongs to epoch p / size, and each epoch is one random permutation of the source, so
/// every sample comes exactly once an epoch. Batch k of b samples takes positions [k b, (k + 1) b):
/// batches are always full and epochs straddle them. Everything is a pure function of (seed,
/// position), in constant memory, so a run resumes at any position at no cost.
///
/// @param key the run's randomness
/// @param size number of samples in the source, at least 1
public record SampleOrder(RandomKey key, long size) {
  public SampleOrder {
    if (size < 1) {
      throw new IllegalArgumentException("an order needs at least one sample, got " + size);
    }
  }

  /// The pass over the source that `position` falls in, from 0.
  public long epoch(long position) {
    return position / size;
  }

  /// The index in the source, in [0, size), of the sample at `position`.
  public long index(long position) {
    return new Permutation(key, epoch(position), size).apply(position % size);
  }

  /// The index of the sample that stands in when the one at `position` cannot be read: a uniform
  /// draw that depends on nothing else, so every resume puts the same one there.
  ///
  /// @param attempt from 1, for the case that the stand-in cannot be read either
  public long refill(long position, int attempt) {
    return key.stream(Purpose.REFILL, attempt, position).nextLong(size);
  }

  /// Which of a sample's captions is used at `position`: each as often as its weight says.
  public Caption caption(long position, List<Caption> captions) {
    RandomStream random = key.stream(Purpose.CAPTION_CHOICE, epoch(position), position);
    double first = captions.getFirst().weight();
    if (captions.stream().allMatch(caption -> caption.weight() == first)) {
      return captions.get(random.nextInt(captions.size()));
    }
    double left = random.nextDouble(captions.stream().mapToDouble(Caption::weight).sum());
    for (Caption caption : captions) {
      left -= caption.weight();
      if (left < 0) {
        return caption;
      }
    }
    return captions.getLast();
  }
}
