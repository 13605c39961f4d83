package dev.eosin.spark;

import java.io.Serial;
import java.io.Serializable;
import java.util.Comparator;
import org.apache.spark.Partitioner;

/// Where something is sent, and its order there.
///
/// @param key under which rows meet
/// @param position of the row
record Place(long key, int position) implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  /// By keys, then rows in their order.
  static final class Order implements Comparator<Place>, Serializable {
    @Serial private static final long serialVersionUID = 1L;

    @Override
    public int compare(Place a, Place b) {
      int keys = Long.compare(a.key(), b.key());
      return keys != 0 ? keys : Integer.compare(a.position(), b.position());
    }
  }

  /// The part of a key, of so many.
  static int part(long key, int parts) {
    return (int) Long.remainderUnsigned(key * 0x9E3779B97F4A7C15L >>> 1, parts);
  }

  /// All of a key into one part.
  static final class ByKey extends Partitioner {
    @Serial private static final long serialVersionUID = 1L;

    private final int parts;

    ByKey(int parts) {
      this.parts = parts;
    }

    @Override
    public int numPartitions() {
      return parts;
    }

    @Override
    public int getPartition(Object place) {
      return part(((Place) place).key(), parts);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ByKey same && same.parts == parts;
    }

    @Override
    public int hashCode() {
      return parts;
    }
  }

  /// Where the key is the part itself.
  static final class ByPart extends Partitioner {
    @Serial private static final long serialVersionUID = 1L;

    private final int parts;

    ByPart(int parts) {
      this.parts = parts;
    }

    @Override
    public int numPartitions() {
      return parts;
    }

    @Override
    public int getPartition(Object place) {
      return (int) ((Place) place).key();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ByPart same && same.parts == parts;
    }

    @Override
    public int hashCode() {
      return -parts;
    }
  }

  /// Positions into the part whose rows they are.
  static final class ByRow extends Partitioner {
    @Serial private static final long serialVersionUID = 1L;

    private final int parts;
    private final int each;

    ByRow(int parts, int each) {
      this.parts = parts;
      this.each = each;
    }

    @Override
    public int numPartitions() {
      return parts;
    }

    @Override
    public int getPartition(Object position) {
      return (Integer) position / each;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ByRow same && same.parts == parts && same.each == each;
    }

    @Override
    public int hashCode() {
      return 31 * parts + each;
    }
  }
}
