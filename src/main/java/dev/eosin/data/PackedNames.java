package dev.eosin.data;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Many short texts in two arrays: a million paths take about as much memory as their letters.
public final class PackedNames {
  private final byte[] letters;
  private final int[] ends;

  private PackedNames(byte[] letters, int[] ends) {
    this.letters = letters;
    this.ends = ends;
  }

  public int count() {
    return ends.length;
  }

  public String get(int index) {
    int start = index == 0 ? 0 : ends[index - 1];
    return new String(letters, start, ends[index] - start, StandardCharsets.UTF_8);
  }

  /// Adds every name, in order.
  public Fingerprint addTo(Fingerprint fingerprint) {
    for (int index = 0; index < ends.length; index++) {
      fingerprint.add(get(index));
    }
    return fingerprint;
  }

  /// Collects names in order, up to 2 GiB of letters.
  public static final class Builder {
    private final ByteArrayOutputStream letters = new ByteArrayOutputStream();
    private int[] ends = new int[256];
    private int count;

    public void add(String name) {
      letters.writeBytes(name.getBytes(StandardCharsets.UTF_8));
      if (count == ends.length) {
        ends = Arrays.copyOf(ends, 2 * count);
      }
      ends[count++] = letters.size();
    }

    public int count() {
      return count;
    }

    public PackedNames build() {
      return new PackedNames(letters.toByteArray(), Arrays.copyOf(ends, count));
    }
  }
}
