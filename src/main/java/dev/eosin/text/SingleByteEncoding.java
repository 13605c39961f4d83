package dev.eosin.text;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// An encoding of one byte per character whose lower half is ASCII.
///
/// A sloppy one decodes unassigned bytes as Latin-1 does and writes U+FFFD, which stands for a lost
/// byte, as byte 1A. Bytes are held in strings of U+0000 to U+00FF, so that regular expressions
/// work on them.
///
/// @param name such as `latin-1`; that of a sloppy one starts with `sloppy-`
/// @param bytes byte of each character of the upper half
record SingleByteEncoding(String name, Map<Character, Character> bytes) {
  static final char LOST = 0x1A;

  SingleByteEncoding {
    bytes = Map.copyOf(bytes);
  }

  /// @param upperHalf the characters of bytes 80 to FF
  static SingleByteEncoding of(String name, String upperHalf) {
    Map<Character, Character> bytes = HashMap.newHashMap(upperHalf.length());
    for (int i = 0; i < upperHalf.length(); i++) {
      bytes.put(upperHalf.charAt(i), (char) (0x80 + i));
    }
    return new SingleByteEncoding(name, bytes);
  }

  boolean isSloppy() {
    return name.startsWith("sloppy-");
  }

  /// The text's bytes, or nothing when it has a character the encoding lacks.
  Optional<String> encode(String text) {
    boolean sloppy = isSloppy();
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (sloppy && c == '\uFFFD') {
        out.append(LOST);
      } else if (c < 0x80 && !(sloppy && c == LOST)) {
        out.append(c);
      } else {
        Character coded = bytes.get(c);
        if (coded == null) {
          return Optional.empty();
        }
        out.append(coded.charValue());
      }
    }
    return Optional.of(out.toString());
  }
}
