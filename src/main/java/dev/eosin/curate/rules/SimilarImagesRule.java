package dev.eosin.curate.rules;

import dev.eosin.curate.steps.SimilarImagesStep;
import dev.eosin.eval.embeddings.UnitVectors;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Images whose embedding is nearly that of an earlier one that is kept.
///
/// Vectors at an angle a are on one side of a random plane through the origin with probability 1 -
/// a / pi (Charikar 2002). Those that are equal in all planes of one of several bands are compared.
public final class SimilarImagesRule implements CollectionRule {
  private static final int BAND_PLANES = 20;
  private static final double MISSED = 1e-3;
  private static final int NONE = -1;

  private final double atLeast;
  private final NamedVectors rows;
  private final float[][] planes;
  private final int bands;
  private final LongTable heads = new LongTable();
  private int[] next = new int[1024];
  private float[][] kept = new float[1024][];
  private int[] positions = new int[1024];
  private int count;
  private long without;

  /// @param field of a row with its image's name
  SimilarImagesRule(SimilarImagesStep step, String field) throws IOException {
    this(step.atLeast(), NamedVectors.open(step.features(), field));
  }

  /// @param rows their vectors
  public SimilarImagesRule(double atLeast, NamedVectors rows) {
    this.atLeast = atLeast;
    this.rows = rows;
    bands = bands(atLeast);
    int width = rows.vectors().length == 0 ? 1 : rows.vectors()[0].length;
    RandomStream random = new RandomKey(0).stream(Purpose.PREPARATION, 0, 0);
    planes = new float[bands * BAND_PLANES][width];
    for (float[] plane : planes) {
      for (int i = 0; i < width; i++) {
        plane[i] = (float) random.nextGaussian();
      }
    }
  }

  /// So many that of pairs at the least cosine fewer than [#MISSED] have no band in common.
  static int bands(double atLeast) {
    double equal = Math.pow(1 - Math.acos(Math.min(1, atLeast)) / Math.PI, BAND_PLANES);
    return equal >= 1 - MISSED ? 1 : (int) Math.ceil(Math.log(MISSED) / Math.log1p(-equal));
  }

  @Override
  public Optional<String> judge(Candidate row) {
    Optional<float[]> vector = rows.of(row.row());
    if (vector.isEmpty()) {
      without++;
      return Optional.of("its image has no embedding");
    }
    long[] keys = keys(vector.get());
    int found = NONE;
    for (long key : keys) {
      for (int link = heads.get(key); link != NONE; link = next[link]) {
        int candidate = link / bands;
        if ((found == NONE || candidate < found)
            && UnitVectors.dot(kept[candidate], vector.get()) >= atLeast) {
          found = candidate;
        }
      }
    }
    if (found != NONE) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "like row %d, cosine %.4f",
              positions[found],
              UnitVectors.dot(kept[found], vector.get())));
    }
    add(vector.get(), keys, row.position());
    return Optional.empty();
  }

  /// Of each band the sides of its planes, with its number.
  private long[] keys(float[] vector) {
    long[] keys = new long[bands];
    for (int band = 0; band < bands; band++) {
      long sides = 0;
      for (int i = 0; i < BAND_PLANES; i++) {
        sides = sides << 1 | (UnitVectors.dot(planes[band * BAND_PLANES + i], vector) > 0 ? 1 : 0);
      }
      keys[band] = Mixing.mixed(sides * bands + band + 1);
    }
    return keys;
  }

  private void add(float[] vector, long[] keys, int position) {
    if (count == kept.length) {
      kept = Arrays.copyOf(kept, 2 * count);
      positions = Arrays.copyOf(positions, 2 * count);
    }
    while ((count + 1) * bands > next.length) {
      next = Arrays.copyOf(next, 2 * next.length);
    }
    kept[count] = vector;
    positions[count] = position;
    for (int band = 0; band < bands; band++) {
      int link = count * bands + band;
      next[link] = heads.get(keys[band]);
      heads.put(keys[band], link);
    }
    count++;
  }

  @Override
  public Map<String, String> found() {
    return Map.of("rows without an embedding", String.valueOf(without));
  }
}
