package dev.eosin.clip;

import dev.eosin.nn.Dropout;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.Tensor;
import dev.eosin.tower.BertText;

/// Dropout in a text tower of BERT kind, in training steps alone. What a caption loses depends on
/// the seed and the sample's global position: not on parts of a batch, workers, interruptions or
/// the captions beside it. s seeds for each row, one for each place with dropout; the kernels make
/// their masks of them.
///
/// Source: transformers 5.18.0 `modeling_bert.py` (places and scale); open_clip leaves it on in
/// every training step, whether the tower is locked or not.
///
/// @param key of the run
record TextDropout(RandomKey key) {
  /// Whether the model's text tower leaves anything out in training.
  static boolean isIn(Clip clip) {
    return clip.spec().text() instanceof BertText bert
        && !bert.encoder().dropout().equals(Dropout.NONE);
  }

  /// Of rows `from` to `to`: int64 [to-from,s]; the caller closes them.
  Tensor seeds(Clip clip, StepRows rows, int from, int to) {
    int count = clip.textTower().transformer().dropoutSeeds();
    long[] all = new long[(to - from) * count];
    for (int row = from; row < to; row++) {
      RandomStream random = key.stream(Purpose.TEXT_DROPOUT, 0, rows.position(row));
      for (int i = 0; i < count; i++) {
        all[(row - from) * count + i] = random.nextLong();
      }
    }
    return clip.engine().of(all, to - from, count);
  }
}
