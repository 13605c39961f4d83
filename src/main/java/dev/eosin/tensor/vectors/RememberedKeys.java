package dev.eosin.tensor.vectors;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// Keys and values of one layer, fp32 [b,g,max,d], written and read where they lie.
///
/// Threads may attend for different heads at once.
///
/// @param groups g, heads of keys and values
/// @param most columns that there is room for
/// @param width d of a head
public record RememberedKeys(
    MemorySegment keys, MemorySegment values, int groups, int most, int width) {
  /// @param keys fp32 [b,g,max,d], contiguous, on the CPU, open as long as this is used
  /// @param values alike
  public static RememberedKeys of(Tensor keys, Tensor values) {
    if (keys.dtype() != DType.FLOAT32 || values.dtype() != DType.FLOAT32) {
      throw new IllegalArgumentException("fp32 is read alone, not " + keys.dtype());
    }
    long[] shape = keys.shape();
    return new RememberedKeys(
        keys.segment(),
        values.segment(),
        Math.toIntExact(shape[1]),
        Math.toIntExact(shape[2]),
        Math.toIntExact(shape[3]));
  }

  private long place(int row, int group, int column) {
    return Float.BYTES * (((long) row * groups + group) * most + column) * width;
  }

  /// Remembers a new column of a row.
  ///
  /// @param k all heads' keys [g,d], from `at` on
  /// @param v all heads' values, likewise
  public void write(int row, int column, float[] k, float[] v, int at) {
    for (int group = 0; group < groups; group++) {
      long to = place(row, group, column);
      int from = at + group * width;
      MemorySegment.copy(k, from, keys, ValueLayout.JAVA_FLOAT_UNALIGNED, to, width);
      MemorySegment.copy(v, from, values, ValueLayout.JAVA_FLOAT_UNALIGNED, to, width);
    }
  }

  /// What one head of queries reads of the columns from `first` up to `end`: the values' mean,
  /// weighted by softmax(q k / sqrt(d)).
  ///
  /// @param q begins at `at`, `[d]`; a is written there
  /// @param scores room for the columns' scores
  public void attend(
      int row, int group, int first, int end, float[] q, int at, float[] a, float[] scores) {
    int columns = end - first;
    long from = place(row, group, first);
    long bytes = (long) Float.BYTES * columns * width;
    float[] query = Arrays.copyOfRange(q, at, at + width);
    new FloatRows(keys.asSlice(from, bytes), columns, width).times(query, 1, 0, columns, scores);
    RowMath.softmax(scores, columns, (float) (1 / Math.sqrt(width)));
    MemorySegment read = values.asSlice(from, bytes);
    int i = 0;
    for (; i + 4 * Lanes.COUNT <= width; i += 4 * Lanes.COUNT) {
      fourMeans(read, i, scores, columns, a, at + i);
    }
    for (; i + Lanes.COUNT <= width; i += Lanes.COUNT) {
      mean(read, i, scores, columns).intoArray(a, at + i);
    }
    for (; i < width; i++) {
      a[at + i] = lastMean(read, i, scores, columns);
    }
  }

  private void fourMeans(
      MemorySegment read, int lane, float[] scores, int columns, float[] a, int at) {
    long step = (long) Float.BYTES * Lanes.COUNT;
    FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int column = 0; column < columns; column++) {
      long place = Float.BYTES * ((long) column * width + lane);
      FloatVector p = FloatVector.broadcast(Lanes.FLOATS, scores[column]);
      s0 = value(read, place).fma(p, s0);
      s1 = value(read, place + step).fma(p, s1);
      s2 = value(read, place + 2 * step).fma(p, s2);
      s3 = value(read, place + 3 * step).fma(p, s3);
    }
    s0.intoArray(a, at);
    s1.intoArray(a, at + Lanes.COUNT);
    s2.intoArray(a, at + 2 * Lanes.COUNT);
    s3.intoArray(a, at + 3 * Lanes.COUNT);
  }

  private FloatVector mean(MemorySegment read, int lane, float[] scores, int columns) {
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    for (int column = 0; column < columns; column++) {
      FloatVector v = value(read, Float.BYTES * ((long) column * width + lane));
      sum = v.fma(FloatVector.broadcast(Lanes.FLOATS, scores[column]), sum);
    }
    return sum;
  }

  private float lastMean(MemorySegment read, int lane, float[] scores, int columns) {
    float sum = 0;
    for (int column = 0; column < columns; column++) {
      long place = Float.BYTES * ((long) column * width + lane);
      sum = Math.fma(scores[column], read.get(ValueLayout.JAVA_FLOAT_UNALIGNED, place), sum);
    }
    return sum;
  }

  private static FloatVector value(MemorySegment read, long place) {
    return FloatVector.fromMemorySegment(Lanes.FLOATS, read, place, Lanes.ORDER);
  }
}
