package dev.eosin.tensor.vectors;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// A matrix of fp32.
///
/// Its loops stand in [BFloat16Rows], too: shared ones would have to choose the type for every
/// vector.
///
/// @param memory of the weights, row by row
record FloatRows(MemorySegment memory, int rows, int columns) implements RowMatrix {
  private static final long BYTES = Float.BYTES;

  @Override
  public void times(float[] x, int inputs, int from, int to, float[] y) {
    int row = from;
    for (; row + BLOCK <= to; row += BLOCK) {
      int input = 0;
      for (; input + BLOCK <= inputs; input += BLOCK) {
        fourByFour(x, input, row, y);
      }
      for (; input < inputs; input++) {
        fourByOne(x, input, row, y);
      }
    }
    for (; row < to; row++) {
      for (int input = 0; input < inputs; input++) {
        y[input * rows + row] = one(x, input, row);
      }
    }
  }

  private void fourByFour(float[] x, int input, int row, float[] y) {
    int c = columns;
    int at = input * c;
    long at0 = BYTES * row * c;
    long at1 = at0 + BYTES * c;
    long at2 = at1 + BYTES * c;
    long at3 = at2 + BYTES * c;
    int atOne = at + c;
    int atTwo = at + 2 * c;
    int atThree = at + 3 * c;
    FloatVector s00 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s01 = s00, s02 = s00, s03 = s00;
    FloatVector s10 = s00, s11 = s00, s12 = s00, s13 = s00;
    FloatVector s20 = s00, s21 = s00, s22 = s00, s23 = s00;
    FloatVector s30 = s00, s31 = s00, s32 = s00, s33 = s00;
    int whole = Lanes.whole(c);
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      FloatVector w0 = load(at0 + BYTES * i);
      FloatVector w1 = load(at1 + BYTES * i);
      FloatVector w2 = load(at2 + BYTES * i);
      FloatVector w3 = load(at3 + BYTES * i);
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, at + i);
      s00 = w0.fma(v, s00);
      s10 = w1.fma(v, s10);
      s20 = w2.fma(v, s20);
      s30 = w3.fma(v, s30);
      v = FloatVector.fromArray(Lanes.FLOATS, x, atOne + i);
      s01 = w0.fma(v, s01);
      s11 = w1.fma(v, s11);
      s21 = w2.fma(v, s21);
      s31 = w3.fma(v, s31);
      v = FloatVector.fromArray(Lanes.FLOATS, x, atTwo + i);
      s02 = w0.fma(v, s02);
      s12 = w1.fma(v, s12);
      s22 = w2.fma(v, s22);
      s32 = w3.fma(v, s32);
      v = FloatVector.fromArray(Lanes.FLOATS, x, atThree + i);
      s03 = w0.fma(v, s03);
      s13 = w1.fma(v, s13);
      s23 = w2.fma(v, s23);
      s33 = w3.fma(v, s33);
    }
    store(x, input, row, y, s00, s10, s20, s30);
    store(x, input + 1, row, y, s01, s11, s21, s31);
    store(x, input + 2, row, y, s02, s12, s22, s32);
    store(x, input + 3, row, y, s03, s13, s23, s33);
  }

  private void fourByOne(float[] x, int input, int row, float[] y) {
    int c = columns;
    int at = input * c;
    long at0 = BYTES * row * c;
    long at1 = at0 + BYTES * c;
    long at2 = at1 + BYTES * c;
    long at3 = at2 + BYTES * c;
    FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s1 = s0, s2 = s0, s3 = s0;
    int whole = Lanes.whole(c);
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, at + i);
      s0 = load(at0 + BYTES * i).fma(v, s0);
      s1 = load(at1 + BYTES * i).fma(v, s1);
      s2 = load(at2 + BYTES * i).fma(v, s2);
      s3 = load(at3 + BYTES * i).fma(v, s3);
    }
    store(x, input, row, y, s0, s1, s2, s3);
  }

  private void store(
      float[] x,
      int input,
      int row,
      float[] y,
      FloatVector s0,
      FloatVector s1,
      FloatVector s2,
      FloatVector s3) {
    int at = input * rows + row;
    y[at] = s0.reduceLanes(VectorOperators.ADD) + rest(x, input, row);
    y[at + 1] = s1.reduceLanes(VectorOperators.ADD) + rest(x, input, row + 1);
    y[at + 2] = s2.reduceLanes(VectorOperators.ADD) + rest(x, input, row + 2);
    y[at + 3] = s3.reduceLanes(VectorOperators.ADD) + rest(x, input, row + 3);
  }

  private float one(float[] x, int input, int row) {
    int at = input * columns;
    long at0 = BYTES * row * columns;
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    int whole = Lanes.whole(columns);
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      sum = load(at0 + BYTES * i).fma(FloatVector.fromArray(Lanes.FLOATS, x, at + i), sum);
    }
    return sum.reduceLanes(VectorOperators.ADD) + rest(x, input, row);
  }

  /// What the last lanes of a row would hold, if they were full.
  private float rest(float[] x, int input, int row) {
    float sum = 0;
    for (int i = Lanes.whole(columns); i < columns; i++) {
      sum = Math.fma(scalar(BYTES * ((long) row * columns + i)), x[input * columns + i], sum);
    }
    return sum;
  }

  private FloatVector load(long at) {
    return FloatVector.fromMemorySegment(Lanes.FLOATS, memory, at, Lanes.ORDER);
  }

  private float scalar(long at) {
    return memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
  }
}
