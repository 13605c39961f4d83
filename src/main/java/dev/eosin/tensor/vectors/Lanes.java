package dev.eosin.tensor.vectors;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The vectors of this machine: how many floats are computed at once.
final class Lanes {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final int COUNT = FLOATS.length();
  static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private Lanes() {}

  static int bits() {
    return FLOATS.vectorBitSize();
  }

  /// The largest multiple of the lanes that is not above `length`.
  static int whole(int length) {
    return FLOATS.loopBound(length);
  }
}
