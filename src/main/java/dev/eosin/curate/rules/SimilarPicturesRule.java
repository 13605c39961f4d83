package dev.eosin.curate.rules;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Images that show the same as an earlier one, in any of eight orientations.
public final class SimilarPicturesRule implements CollectionRule {
  private static final int NONE = -1;

  private final PictureLikeness likeness;
  private final int distance;
  private final LongTable heads = new LongTable();
  private int[] next = new int[1024];
  private long[] bits = new long[1024];
  private int[] positions = new int[1024];
  private int count;

  SimilarPicturesRule(PictureLikeness likeness) {
    this.likeness = likeness;
    distance = likeness.distance();
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
        for (int link = heads.get(likeness.key(oriented, part)); link != NONE; link = next[link]) {
          int candidate = link / (distance + 1);
          if ((found == NONE || candidate < found) && likeness.isNear(bits[candidate], oriented)) {
            found = candidate;
          }
        }
      }
    }
    if (found != NONE) {
      return Optional.of(PictureLikeness.detail(positions[found]));
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
      long key = likeness.key(upright, part);
      next[link] = heads.get(key);
      heads.put(key, link);
    }
    count++;
  }
}
