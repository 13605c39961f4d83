package dev.eosin.data;

import java.io.IOException;
import java.nio.file.Path;

/// Where samples lie, as numbers of 64 bits that are equal for equal places; among a million
/// samples two places share one with a chance of 3 in 10^8.
public final class SamplePlace {
  private static final long FNV_OFFSET = 0xCBF29CE484222325L;
  private static final long FNV_PRIME = 0x100000001B3L;

  private SamplePlace() {}

  /// The number of a place that a text names: FNV-1a of its UTF-16 units, mixed.
  public static long of(String text) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * FNV_PRIME;
    }
    return mixed(hash);
  }

  /// The number of a place inside another one.
  public static long of(long outer, long inside) {
    return mixed(outer * 31 + mixed(inside));
  }

  /// A file's or folder's path with its links followed, so that two names of it are one.
  public static String real(Path path) {
    try {
      return path.toRealPath().toString();
    } catch (IOException missing) {
      return path.toAbsolutePath().normalize().toString();
    }
  }

  /// The place of a file below a folder.
  ///
  /// @param folder as [#real] gives it
  /// @param name as a table gives it
  public static String below(String folder, String name) {
    boolean plain = !name.startsWith("/") && !name.contains("//") && !name.contains("./");
    return plain ? folder + "/" + name : Path.of(folder).resolve(name).normalize().toString();
  }

  /// The finaliser of SplitMix64.
  private static long mixed(long value) {
    long z = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
