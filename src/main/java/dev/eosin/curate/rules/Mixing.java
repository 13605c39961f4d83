package dev.eosin.curate.rules;

/// Hashes of 64 bits whose every bit depends on every bit of what is hashed.
public final class Mixing {
  private static final long OFFSET = 0xCBF29CE484222325L;
  private static final long PRIME = 0x100000001B3L;

  private Mixing() {}

  /// The finaliser of SplitMix64.
  static long mixed(long value) {
    long mixed = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
    return mixed ^ mixed >>> 31;
  }

  /// Of a part of a text, by its UTF-16 characters.
  static long of(CharSequence text, int from, int to) {
    long hash = OFFSET;
    for (int i = from; i < to; i++) {
      hash = (hash ^ text.charAt(i)) * PRIME;
    }
    return mixed(hash);
  }

  /// Of a text that means something, such as a group's name.
  static long of(String meaning, String text) {
    return of(text, 0, text.length()) ^ mixed(of(meaning, 0, meaning.length()));
  }
}
