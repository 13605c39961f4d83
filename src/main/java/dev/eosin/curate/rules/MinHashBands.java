package dev.eosin.curate.rules;

import java.util.Arrays;

/// Where sets lie among others, so that those which are alike lie in a common slot.
///
/// A set's signature is the least hash of its members under each of some functions; sets of Jaccard
/// similarity s share a band of r functions with probability s^r, and one of b bands with 1 - (1 -
/// s^r)^b. Bands are as long as they can be while sets exactly at the limit are met with
/// [#LEAST_RECALL].
///
/// Source: Broder, On the resemblance and containment of documents (1997); bands: Leskovec,
/// Rajaraman and Ullman, Mining of Massive Datasets, chapter 3.
public final class MinHashBands {
  static final double LEAST_RECALL = 0.995;

  private static final int MOST_FUNCTIONS = 128;

  private final double least;
  private final int rows;
  private final int bands;
  private final int places;
  private final long[] factors;
  private final long[] terms;

  /// @param least Jaccard similarity of what is alike, above 0
  /// @param expected sets; more are only slower
  MinHashBands(double least, int expected) {
    this.least = least;
    rows = bandRows(least);
    bands = MOST_FUNCTIONS / rows;
    factors = new long[bands * rows];
    terms = new long[bands * rows];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = Mixing.mixed(2L * i + 1) | 1;
      terms[i] = Mixing.mixed(2L * i + 2);
    }
    long slots = Long.highestOneBit(Math.max(1024, (long) expected * bands));
    places = (int) Math.min(slots, 1 << 28);
  }

  static int bandRows(double least) {
    int rows = 1;
    while (rows < MOST_FUNCTIONS && recall(least, rows + 1) >= LEAST_RECALL) {
      rows++;
    }
    return rows;
  }

  /// The chance to meet a set that is exactly at the limit.
  static double recall(double least, int rows) {
    int bands = MOST_FUNCTIONS / rows;
    return 1 - Math.pow(1 - Math.pow(least, rows), bands);
  }

  double least() {
    return least;
  }

  int count() {
    return bands;
  }

  /// How many slots there are, a power of two.
  int places() {
    return places;
  }

  /// Where the set lies in each band.
  ///
  /// @param set sorted, each once
  int[] slots(int[] set) {
    int[] signature = new int[factors.length];
    Arrays.fill(signature, Integer.MAX_VALUE);
    for (int member : set) {
      long mixed = Mixing.mixed(member);
      for (int i = 0; i < signature.length; i++) {
        int hash = (int) (mixed * factors[i] + terms[i] >>> 33);
        signature[i] = Math.min(signature[i], hash);
      }
    }
    int[] slots = new int[bands];
    for (int band = 0; band < bands; band++) {
      long hash = band;
      for (int i = band * rows; i < (band + 1) * rows; i++) {
        hash = Mixing.mixed(hash * 31 + signature[i]);
      }
      slots[band] = (int) (hash & places - 1);
    }
    return slots;
  }
}
