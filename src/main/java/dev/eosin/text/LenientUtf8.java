package dev.eosin.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Decodes UTF-8, and its variants that layer UTF-8 over UTF-16 (CESU-8) or write U+0000 as C0 80
/// (Java), from bytes held as characters U+0000 to U+00FF.
final class LenientUtf8 {
  private static final Pattern SURROGATE_PAIR =
      Pattern.compile(
          "(?d)\\xed(?:[\\xa0-\\xaf]|$)(?:[\\x80-\\xbf]|$)"
              + "(?:\\xed|$)(?:[\\xb0-\\xbf]|$)(?:[\\x80-\\xbf]|$)");

  private static final Pattern SPECIAL =
      Pattern.compile(
          "(?d)\\xc0(?:\\x80|$)|"
              + SURROGATE_PAIR.pattern().substring("(?d)".length())
              + "|\\xed(?:[\\xa0-\\xbf]|$)(?:[\\x80-\\xbf]|$)");

  private LenientUtf8() {}

  /// The text, or nothing where the bytes are not valid.
  static Optional<String> decode(String bytes) {
    boolean variants = bytes.indexOf('\u00ed') >= 0 || bytes.indexOf('\u00c0') >= 0;
    return variants ? decodeVariants(bytes) : decodeStrictly(bytes);
  }

  private static Optional<String> decodeVariants(String bytes) {
    StringBuilder out = new StringBuilder(bytes.length());
    Matcher special = SPECIAL.matcher(bytes);
    int from = 0;
    while (special.find(from)) {
      int at = special.start();
      Optional<String> before = decodeStrictly(bytes.substring(from, at));
      if (before.isEmpty() || at + 1 >= bytes.length()) {
        return Optional.empty();
      }
      out.append(before.get());
      if (bytes.charAt(at) == '\u00c0') {
        out.append('\0');
        from = at + 2;
      } else {
        if (at + 6 > bytes.length() || !pairAt(bytes, at)) {
          return Optional.empty();
        }
        out.appendCodePoint(codePoint(bytes, at));
        from = at + 6;
      }
    }
    return decodeStrictly(bytes.substring(from)).map(rest -> out.append(rest).toString());
  }

  private static boolean pairAt(String bytes, int at) {
    return SURROGATE_PAIR.matcher(bytes).region(at, bytes.length()).lookingAt();
  }

  private static int codePoint(String bytes, int at) {
    return ((bytes.charAt(at + 1) & 0x0F) << 16)
        + ((bytes.charAt(at + 2) & 0x3F) << 10)
        + ((bytes.charAt(at + 4) & 0x0F) << 6)
        + (bytes.charAt(at + 5) & 0x3F)
        + 0x10000;
  }

  private static Optional<String> decodeStrictly(String bytes) {
    byte[] raw = bytes.getBytes(StandardCharsets.ISO_8859_1);
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
