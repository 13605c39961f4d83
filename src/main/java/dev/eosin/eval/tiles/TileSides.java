package dev.eosin.eval.tiles;

import dev.eosin.eval.probes.ProbeSplit;
import dev.eosin.eval.samples.Sample;
import java.util.Arrays;
import java.util.List;

/// Which tiles are learnt from, which choose and which judge, and what their classes are.
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record TileSides(TileSet set, ProbeSplit split, int[] truth) {
  int classes() {
    return set.classes().size();
  }

  /// The classes of some tiles.
  int[] truth(int[] rows) {
    return Arrays.stream(rows).map(row -> truth[row]).toArray();
  }

  /// Tiles that judge.
  static List<Sample> samples(TileSet set, int[] judges) {
    return Arrays.stream(judges)
        .mapToObj(row -> set.tiles().get(row))
        .map(tile -> new Sample(tile.path(), tile.group(), tile.label()))
        .toList();
  }

  /// Vectors of some tiles.
  static double[][] vectors(float[][] all, int[] rows) {
    double[][] vectors = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      float[] own = all[rows[i]];
      double[] wide = new double[own.length];
      for (int j = 0; j < own.length; j++) {
        wide[j] = own[j];
      }
      vectors[i] = wide;
    }
    return vectors;
  }
}
