package dev.eosin.clip;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.data.batches.RowMarks;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;

/// Rows of random pixels and captions of different lengths; a function of the seed. Ids are cut
/// after the longest caption of the range asked for, as in training.
record DrawnRows(ClipSpec spec, int size, long seed) implements StepRows {
  @Override
  public Tensor pixels(int from, int to) {
    int row = 3 * spec.image().height() * spec.image().width();
    float[] values = new float[size * row];
    RandomStream random = new RandomKey(seed).stream(RandomKey.Purpose.AUGMENTATION, 0, 0);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return ClipCase.ENGINE.of(
        Arrays.copyOfRange(values, from * row, to * row),
        to - from,
        3,
        spec.image().height(),
        spec.image().width());
  }

  @Override
  public long position(int row) {
    return row;
  }

  @Override
  public Tensor ids(int from, int to) {
    int end = spec.text().vocabulary() - 1;
    int longest = 0;
    for (int row = from; row < to; row++) {
      longest = Math.max(longest, length(row));
    }
    long[] ids = new long[(to - from) * longest];
    for (int row = from; row < to; row++) {
      RandomStream random = new RandomKey(seed).stream(RandomKey.Purpose.CAPTION_CHOICE, 0, row);
      for (int i = 0; i < length(row); i++) {
        boolean last = i == length(row) - 1;
        ids[(row - from) * longest + i] = last ? end : i == 0 ? end - 1 : 1 + random.nextInt(40);
      }
    }
    return ClipCase.ENGINE.of(ids, to - from, longest);
  }

  @Override
  public Optional<RowMarks> marks(LossSettings.Positives positives) {
    return positives == LossSettings.Positives.OWN_CAPTION ? Optional.empty() : marks(0, size);
  }

  /// Rows in threes are alike, but for the second one.
  static Optional<RowMarks> marks(int from, int to) {
    byte[] digests = new byte[16 * (to - from)];
    for (int row = from; row < to; row++) {
      digests[16 * (row - from)] = (byte) (row == 1 ? 3 : row % 3);
    }
    return Optional.of(new RowMarks(1, digests));
  }

  private int length(int row) {
    int most = spec.text().context() - 1;
    return 2
        + new RandomKey(seed).stream(RandomKey.Purpose.SYNTHETIC_CAPTION, 0, row).nextInt(most);
  }
}
