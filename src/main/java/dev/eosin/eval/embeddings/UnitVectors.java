package dev.eosin.eval.embeddings;

import dev.eosin.config.DataException;
import java.io.IOException;

/// Arithmetic on embeddings of length 1.
public final class UnitVectors {
  private static final double SMALLEST_NORM = 1e-12;

  /// Of the heap that embeddings may take.
  private static final double SHARE = 0.7;

  private UnitVectors() {}

  /// All vectors of a file at length 1, in memory.
  ///
  /// @throws DataException when they cannot be read, one is zero, or they do not fit into memory
  public static float[][] of(StoredEmbeddings from) throws IOException {
    long bytes = 4L * from.size() * from.width();
    long heap = Runtime.getRuntime().maxMemory();
    if (bytes > SHARE * heap) {
      throw new DataException(
          "%s: %d embeddings of %d numbers take %d MiB, and Java has %d MiB; take part of the rows at a time, or give Java more (-Xmx)"
              .formatted(from.path(), from.size(), from.width(), bytes >> 20, heap >> 20));
    }
    float[][] vectors = from.vectors();
    for (int row = 0; row < vectors.length; row++) {
      double norm = Math.sqrt(dot(vectors[row], vectors[row]));
      if (norm < SMALLEST_NORM) {
        throw new DataException(
            "%s: the embedding of row %d, %s, is zero and has no direction"
                .formatted(from.path(), row, from.rows().get(row).path()));
      }
      for (int i = 0; i < vectors[row].length; i++) {
        vectors[row][i] = (float) (vectors[row][i] / norm);
      }
    }
    return vectors;
  }

  /// The inner product; of vectors of length 1 their cosine.
  public static double dot(float[] a, float[] b) {
    double one = 0;
    double two = 0;
    double three = 0;
    double four = 0;
    int whole = a.length & ~3;
    for (int i = 0; i < whole; i += 4) {
      one += (double) a[i] * b[i];
      two += (double) a[i + 1] * b[i + 1];
      three += (double) a[i + 2] * b[i + 2];
      four += (double) a[i + 3] * b[i + 3];
    }
    for (int i = whole; i < a.length; i++) {
      one += (double) a[i] * b[i];
    }
    return one + two + three + four;
  }
}
