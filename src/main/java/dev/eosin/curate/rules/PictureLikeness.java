package dev.eosin.curate.rules;

import dev.eosin.data.quality.PerceptualHash;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/// What makes images alike: hashes of what they show, in any of eight orientations.
///
/// Hashes that differ in at most d of 63 bits are equal in one of d + 1 parts of them, so that only
/// those are compared.
///
/// @param distance bits in which copies may differ
public record PictureLikeness(int distance) implements Likeness {
  /// The hash of each orientation, upright first, in two halves; none for an image of one colour,
  /// which all blank glass is.
  @Override
  public Optional<int[]> compared(Candidate row) {
    List<Long> picture = row.image().map(Prepared.Image::picture).orElse(List.of());
    int[] halves = new int[2 * picture.size()];
    for (int i = 0; i < picture.size(); i++) {
      halves[2 * i] = (int) (picture.get(i) >>> 32);
      halves[2 * i + 1] = (int) (long) picture.get(i);
    }
    return Optional.of(halves).filter(bits -> bits.length > 0);
  }

  static long bits(int[] halves, int orientation) {
    return (long) halves[2 * orientation] << 32 | halves[2 * orientation + 1] & 0xFFFFFFFFL;
  }

  @Override
  public long[] asks(int[] later) {
    LongStream.Builder keys = LongStream.builder();
    for (int orientation = 0; orientation < later.length / 2; orientation++) {
      for (int part = 0; part <= distance; part++) {
        keys.add(key(bits(later, orientation), part));
      }
    }
    return keys.build().distinct().toArray();
  }

  @Override
  public long[] lies(int[] earlier) {
    long[] keys = new long[distance + 1];
    for (int part = 0; part <= distance; part++) {
      keys[part] = key(bits(earlier, 0), part);
    }
    return LongStream.of(keys).distinct().toArray();
  }

  @Override
  public boolean alike(int[] earlier, int[] later) {
    long upright = bits(earlier, 0);
    for (int orientation = 0; orientation < later.length / 2; orientation++) {
      if (isNear(upright, bits(later, orientation))) {
        return true;
      }
    }
    return false;
  }

  boolean isNear(long upright, long oriented) {
    return Long.bitCount(upright ^ oriented) <= distance;
  }

  @Override
  public String detail(int[] earlier, int position, Candidate later) {
    return detail(position);
  }

  static String detail(int position) {
    return "shows the same as row " + position;
  }

  /// The bits of one part, with its number.
  long key(long picture, int part) {
    int from = PerceptualHash.LENGTH * part / (distance + 1) + 1; // bit 0 is the mean, always 0
    int to = PerceptualHash.LENGTH * (part + 1) / (distance + 1) + 1;
    long mask = to - from == Long.SIZE ? -1 : (1L << to - from) - 1;
    return Mixing.mixed((picture >>> from & mask) * 31 + part + 1);
  }
}
