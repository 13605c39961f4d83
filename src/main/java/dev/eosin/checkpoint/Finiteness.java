package dev.eosin.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How many of a tensor's numbers are not finite. One such weight makes every embedding of its
/// model NaN, at the first step.
///
/// @param nans that are no number
/// @param infinite that are plus or minus infinity
/// @param elements of all
public record Finiteness(long nans, long infinite, long elements) {
  private static final int PIECE = 1 << 16;

  /// Looks at every number; reads a mapped file's bytes, at the speed of memory once they are in
  /// it.
  public static Finiteness of(TensorData data) {
    long[] found =
        switch (data.type()) {
          case F32 -> of32(data.bytes(), data.elements());
          case F16 -> of16(data.bytes(), data.elements(), 0x7c00);
          case BF16 -> of16(data.bytes(), data.elements(), 0x7f80);
          case F64 -> of64(data);
          case I64, I32, I16, I8, U8, BOOL -> new long[2];
        };
    return new Finiteness(found[0], found[1], data.elements());
  }

  /// An exponent of ones alone is infinity, with further digits NaN. Both are rare: the loop over
  /// all numbers only asks whether there is one.
  private static long[] of32(MemorySegment bytes, long elements) {
    int[] piece = new int[(int) Math.min(PIECE, elements)];
    long[] found = new long[2];
    for (long done = 0; done < elements; done += piece.length) {
      int length = (int) Math.min(piece.length, elements - done);
      MemorySegment.copy(bytes, TensorData.INT, done * Float.BYTES, piece, 0, length);
      int largest = 0;
      for (int i = 0; i < length; i++) {
        largest = Math.max(largest, piece[i] & 0x7fffffff);
      }
      if (largest >= 0x7f800000) {
        for (int i = 0; i < length; i++) {
          count(found, Integer.compare(piece[i] & 0x7fffffff, 0x7f800000));
        }
      }
    }
    return found;
  }

  private static long[] of16(MemorySegment bytes, long elements, int infinity) {
    short[] piece = new short[(int) Math.min(PIECE, elements)];
    long[] found = new long[2];
    for (long done = 0; done < elements; done += piece.length) {
      int length = (int) Math.min(piece.length, elements - done);
      MemorySegment.copy(bytes, TensorData.SHORT, done * Short.BYTES, piece, 0, length);
      int largest = 0;
      for (int i = 0; i < length; i++) {
        largest = Math.max(largest, piece[i] & 0x7fff);
      }
      if (largest >= infinity) {
        for (int i = 0; i < length; i++) {
          count(found, Integer.compare(piece[i] & 0x7fff, infinity));
        }
      }
    }
    return found;
  }

  private static long[] of64(TensorData data) {
    long[] found = new long[2];
    for (long i = 0; i < data.elements(); i++) {
      double value = data.bytes().get(TensorData.DOUBLE, i * ValueLayout.JAVA_DOUBLE.byteSize());
      count(found, Double.compare(Math.abs(value), Double.POSITIVE_INFINITY));
    }
    return found;
  }

  private static void count(long[] found, int against) {
    if (against >= 0) {
      found[against > 0 ? 0 : 1]++;
    }
  }

  /// What is wrong with the numbers, such as `3 NaN and 1 infinite of 1024 numbers`, where anything
  /// is.
  public Optional<String> fault() {
    List<String> parts = new ArrayList<>();
    if (nans > 0) {
      parts.add(nans + " NaN");
    }
    if (infinite > 0) {
      parts.add(infinite + " infinite");
    }
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of("%s of %d numbers".formatted(String.join(" and ", parts), elements));
  }
}
