package dev.eosin.model;

import dev.eosin.checkpoint.ElementCast;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TensorHeader;
import dev.eosin.config.DataException;
import dev.eosin.nn.LowRank;
import java.util.Arrays;
import java.util.SortedSet;
import java.util.TreeSet;

/// A native checkpoint's tensors with its low-rank adapters merged into the weights that they
/// adapt: W + (alpha / r) B A, summed in fp64 and rounded to fp32.
///
/// @param file weights and adapters under Eosin's names
/// @param scale alpha / r
public record MergedTensors(StoredTensors file, double scale) implements DerivedTensors {
  private static final String WEIGHT = ".weight";

  private static boolean isAdapted(StoredTensors file, String name) {
    return name.endsWith(WEIGHT) && file.names().contains(LowRank.down(name));
  }

  @Override
  public SortedSet<String> names() {
    var names = new TreeSet<>(file.names());
    for (String name : file.names()) {
      if (isAdapted(file, name)) {
        names.remove(LowRank.down(name));
        names.remove(LowRank.up(name));
      }
    }
    return names;
  }

  @Override
  public TensorData entry(String name) throws DataException {
    if (!isAdapted(file, name)) {
      return file.entry(name);
    }
    TensorHeader weight = file.header(name);
    float[] sums = file.floats(name);
    float[] down = file.floats(LowRank.down(name));
    float[] up = file.floats(LowRank.up(name));
    addProduct(sums, down, up, Math.toIntExact(weight.shape().get(1)));
    return ElementCast.of(weight.shape(), StoredType.F32, index -> sums[Math.toIntExact(index)]);
  }

  /// sums += scale up down, row by row.
  private void addProduct(float[] sums, float[] down, float[] up, int columns) {
    int rank = down.length / columns;
    double[] row = new double[columns];
    for (int i = 0; i < sums.length / columns; i++) {
      Arrays.fill(row, 0);
      for (int k = 0; k < rank; k++) {
        double factor = scale * up[i * rank + k];
        for (int j = 0; j < columns; j++) {
          row[j] += factor * down[k * columns + j];
        }
      }
      for (int j = 0; j < columns; j++) {
        sums[i * columns + j] = (float) (sums[i * columns + j] + row[j]);
      }
    }
  }
}
