package dev.eosin.clip;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.Arrays;

/// Trains on a random part of each image's patches (FLIP, Li et al. 2022, arXiv 2212.00794). Which
/// ones depends on the seed and the sample's global position alone: not on parts of a batch,
/// workers or interruptions. The class token always stays. n patches, k of them kept.
///
/// Source: open_clip 3.3.0 `transformer.py` (PatchDropout with `exclude_first_token`).
///
/// @param share of the patches that is left out, at least 0 and less than 1
/// @param key of the run
public record PatchDropout(double share, RandomKey key) {
  /// @throws IllegalArgumentException when `share` is not in [0, 1)
  public PatchDropout {
    if (!(share >= 0 && share < 1)) {
      throw new IllegalArgumentException("patch dropout of " + share + " is not in [0, 1)");
    }
  }

  /// k, at least 1.
  public int kept(int patches) {
    return kept(patches, share);
  }

  /// As above, without a key.
  static int kept(int patches, double share) {
    return Math.max(1, (int) (patches * (1 - share)));
  }

  /// The class token's place and those of the kept patches behind it, ascending. [1+k]
  ///
  /// @param position the sample's global position
  long[] places(long position, int patches) {
    RandomStream random = key.stream(Purpose.PATCH_DROPOUT, 0, position);
    long[] order = new long[patches];
    Arrays.setAll(order, place -> place + 1);
    long[] places = new long[1 + kept(patches)];
    for (int i = 1; i < places.length; i++) {
      int drawn = i - 1 + random.nextInt(patches - i + 1);
      places[i] = order[drawn];
      order[drawn] = order[i - 1];
    }
    Arrays.sort(places);
    return places;
  }

  /// [#places] of rows `from` to `to`: int64 [to-from,1+k]; the caller closes them.
  Tensor places(Engine engine, StepRows rows, int from, int to, int patches) {
    int width = 1 + kept(patches);
    long[] all = new long[(to - from) * width];
    for (int row = from; row < to; row++) {
      long[] one = places(rows.position(row), patches);
      System.arraycopy(one, 0, all, (row - from) * width, width);
    }
    return engine.of(all, to - from, width);
  }
}
