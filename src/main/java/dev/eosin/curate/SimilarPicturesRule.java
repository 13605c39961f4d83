package dev.eosin.curate;

import dev.eosin.data.quality.PerceptualHash;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Images that show the same as an earlier one, in any of eight orientations.
///
/// Hashes that differ in at most d of 63 bits are equal in one of d + 1 parts of them, so that only
/// those are compared.
final class SimilarPicturesRule implements CollectionRule {
  private static final int NONE = -1;

  private final int distance;
  private final LongTable heads = new LongTable();
  private int[] next = new int[1024];
  private long[] bits = new long[1024];
  private int[] positions = new int[1024];
  private int count;

  SimilarPicturesRule(int distance) {
    this.distance = distance;
  }

  @Override
  public Optional<String> judge(Candidate row) {
    List<Long> picture = row.image().map(Prepared.Image::picture).orElse(List.of());
    if (picture.isEmpty()) {
      return Optional.empty(); // of one colour, which all blank glass is
    }
    int found = NONE;
    for (long oriented : picture) {
      for (int part = 0; part <= distance; part++) {
        for (int link = heads.get(key(oriented, part)); link != NONE; link = next[link]) {
          int candidate = link / (distance + 1);
          if ((found == NONE || candidate < found)
              && Long.bitCount(bits[candidate] ^ oriented) <= distance) {
            found = candidate;
          }
        }
      }
    }
    if (found != NONE) {
      return Optional.of("shows the same as row " + positions[found]);
    }
    add(picture.getFirst(), row.position());
    return Optional.empty();
  }

  private void add(long upright, int position) {
    if (count == bits.length) {
      bits = Arrays.copyOf(bits, 2 * count);
      positions = Arrays.copyOf(positions, 2 * count);
    }
    if ((count + 1) * (distance + 1) > next.length) {
      next = Arrays.copyOf(next, 2 * next.length + distance);
    }
    bits[count] = upright;
    positions[count] = position;
    for (int part = 0; part <= distance; part++) {
      int link = count * (distance + 1) + part;
      long key = key(upright, part);
      next[link] = heads.get(key);
      heads.put(key, link);
    }
    count++;
  }

  /// The bits of one part, with its number.
  private long key(long picture, int part) {
    int from = PerceptualHash.LENGTH * part / (distance + 1) + 1; // bit 0 is the mean, always 0
    int to = PerceptualHash.LENGTH * (part + 1) / (distance + 1) + 1;
    long mask = to - from == Long.SIZE ? -1 : (1L << to - from) - 1;
    return Mixing.mixed((picture >>> from & mask) * 31 + part + 1);
  }
}
