package dev.eosin.data.order;

import dev.eosin.data.Caption;
import dev.eosin.data.EpochContent;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.util.List;

/// The endless stream of samples a run trains on: which sample stands at a global position.
///
/// Position p belongs to epoch p / size, and each epoch is one random permutation of its content:
/// every sample of the source once, or of each part of a mixture its share. Batch k of b samples
/// takes positions [k b, (k + 1) b): batches are always full and epochs straddle them. Everything
/// is a pure function of (seed, position), so a run resumes at any position.
///
/// @param key the run's randomness
/// @param content the samples of an epoch
/// @param arrangement their order
public record SampleOrder(RandomKey key, EpochContent content, Arrangement arrangement) {
  /// Each epoch in a random order.
  public SampleOrder(RandomKey key, EpochContent content) {
    this(key, content, new Arrangement.Shuffled(key, content));
  }

  /// Every sample of a source of `size` once an epoch.
  public SampleOrder(RandomKey key, long size) {
    this(key, new EpochContent.EverySample(size));
  }

  /// The epoch that `position` falls in, from 0.
  public long epoch(long position) {
    return position / content.size();
  }

  /// The index in the source of the sample at `position`.
  public long index(long position) {
    return arrangement.sample(position);
  }

  /// The index of the sample that stands in when the one at `position` cannot be read: a uniform
  /// draw from the same part that depends on nothing else, so every resume puts the same one there.
  ///
  /// @param attempt from 1, for the case that the stand-in cannot be read either
  public long refill(long position, int attempt) {
    return content.standIn(key.stream(Purpose.REFILL, attempt, position), index(position));
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
