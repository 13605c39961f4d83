package dev.eosin.data.order;

import dev.eosin.data.EpochContent;
import dev.eosin.data.Permutation;
import dev.eosin.random.RandomKey;

/// In which order the samples of an epoch stand: a pure function of (seed, position).
public sealed interface Arrangement permits Arrangement.Shuffled, GroupSpread, LengthGroups {
  /// @return index in the source of the sample at a global position
  long sample(long position);

  /// A random permutation of each epoch's content, in constant memory.
  record Shuffled(RandomKey key, EpochContent content) implements Arrangement {
    @Override
    public long sample(long position) {
      long epoch = position / content.size();
      long place = new Permutation(key, epoch, content.size()).apply(position % content.size());
      return content.sample(key, epoch, place);
    }
  }
}
