package dev.eosin.text;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Repairs mojibake: UTF-8 that was decoded in a single-byte encoding, once or several times.
///
/// A text is touched only when it holds a sequence of characters that hardly anybody writes on
/// purpose, such as `â€™`. Then each encoding that could have produced the text is tried in turn.
/// Source: `fix_encoding` of ftfy 6.3.1 with its default options.
final class MojibakeRepair {
  private static final MojibakeData DATA = MojibakeData.load();

  /// What the first byte of a sequence of two, three and four bytes becomes.
  private static final List<BitSet> FIRST =
      List.of(
          DATA.clue("utf8_first_of_2"), DATA.clue("utf8_first_of_3"), DATA.clue("utf8_first_of_4"));

  private static final BitSet CONTINUATION = DATA.clue("utf8_continuation");
  private static final BitSet STRICT_CONTINUATION = DATA.clue("utf8_continuation_strict");

  /// UTF-8 sequences whose byte A0, a no-break space, became a blank.
  private static final Pattern BLANKED =
      Pattern.compile(
          "[\\xc2\\xc3\\xc5\\xce\\xd0\\xd9]\\x20"
              + "|[\\xe2\\xe3]\\x20[\\x80-\\x84\\x86-\\x9f\\xa1-\\xbf]"
              + "|[\\xe0-\\xe3][\\x80-\\x84\\x86-\\x9f\\xa1-\\xbf]\\x20"
              + "|\\xf0\\x20[\\x80-\\xbf][\\x80-\\xbf]"
              + "|\\xf0[\\x80-\\xbf]\\x20[\\x80-\\xbf]"
              + "|\\xf0[\\x80-\\xbf][\\x80-\\xbf]\\x20");

  /// `à` as a word of its own, which keeps a blank after it, except in Portuguese contractions.
  private static final Pattern A_GRAVE_WORD =
      Pattern.compile("\\xc3\\x20(?!\\x20|quele|quela|quilo|s\\x20)");

  /// UTF-8 sequences in which bytes were lost, by then 1A or a question mark.
  private static final Pattern LOSSY =
      Pattern.compile(
          "[\\xc2-\\xdf]\\x1a"
              + "|[\\xc2-\\xc3][?]"
              + "|\\xed[\\xa0-\\xaf][\\x1a?]\\xed[\\xb0-\\xbf][\\x1a?\\x80-\\xbf]"
              + "|\\xed[\\xa0-\\xaf][\\x1a?\\x80-\\xbf]\\xed[\\xb0-\\xbf][\\x1a?]"
              + "|[\\xe0-\\xef][\\x1a?][\\x1a\\x80-\\xbf]"
              + "|[\\xe0-\\xef][\\x1a\\x80-\\xbf][\\x1a?]"
              + "|[\\xf0-\\xf4][\\x1a?][\\x1a\\x80-\\xbf][\\x1a\\x80-\\xbf]"
              + "|[\\xf0-\\xf4][\\x1a\\x80-\\xbf][\\x1a?][\\x1a\\x80-\\xbf]"
              + "|[\\xf0-\\xf4][\\x1a\\x80-\\xbf][\\x1a\\x80-\\xbf][\\x1a?]"
              + "|\\x1a");

  private static final String REPLACEMENT_IN_UTF8 = "\u00ef\u00bf\u00bd";

  private MojibakeRepair() {}

  static String repair(String text) {
    String current = text;
    while (true) {
      String next = step(current);
      if (next.equals(current)) {
        return current;
      }
      current = next;
    }
  }

  /// Whether a text holds a sequence that is likely mojibake.
  static boolean isBad(String text) {
    int tried = 0;
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < 0x80) {
        continue;
      }
      // Before the first character of a bad sequence that is not ASCII stand at most two that are.
      for (int start = Math.max(tried, i - 2); start <= i; start++) {
        for (MojibakeData.Sequence bad : DATA.bad()) {
          if (bad.matches(text, start)) {
            return true;
          }
        }
      }
      tried = i + 1;
    }
    return false;
  }

  private static String step(String text) {
    if (TextRepair.isAscii(text) || !isBad(text)) {
      return text;
    }
    for (SingleByteEncoding encoding : DATA.encodings()) {
      Optional<String> decoded =
          encoding.encode(text).flatMap(bytes -> LenientUtf8.decode(mend(bytes, encoding)));
      if (decoded.isPresent()) {
        return decoded.get();
      }
    }
    String inside = repairInside(text);
    return inside.equals(text) ? TextRepair.replaceC1Controls(text) : inside;
  }

  /// Puts back bytes that were lost on the way, where a UTF-8 sequence shows that they were.
  private static String mend(String bytes, SingleByteEncoding encoding) {
    String mended = bytes;
    // In Mac Roman an en dash before a blank would look like a damaged sequence.
    if (!encoding.name().equals("macroman") && BLANKED.matcher(mended).find()) {
      mended = A_GRAVE_WORD.matcher(mended).replaceAll("\u00c3\u00a0 ");
      mended = BLANKED.matcher(mended).replaceAll(match -> match.group().replace(' ', '\u00a0'));
    }
    if (encoding.isSloppy()) {
      mended = LOSSY.matcher(mended).replaceAll(REPLACEMENT_IN_UTF8);
    }
    return mended;
  }

  /// Repairs what looks like UTF-8 sequences within a text that was not damaged as a whole.
  private static String repairInside(String text) {
    StringBuilder out = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      int end = sequencesEnd(text, i);
      if (end == i) {
        out.append(text.charAt(i++));
        continue;
      }
      String part = text.substring(i, end);
      boolean repairable = part.length() < text.length() && isBad(part);
      out.append(repairable ? repair(part) : part);
      i = end;
    }
    return out.toString();
  }

  /// Where neighbouring sequences that start here end; here, when there are none or they may belong
  /// to a longer garble.
  private static int sequencesEnd(String text, int start) {
    if (start > 0 && STRICT_CONTINUATION.get(text.charAt(start - 1))) {
      return start;
    }
    int end = start;
    while (true) {
      int length = sequenceLength(text, end);
      if (length == 0) {
        return end;
      }
      end += length;
    }
  }

  private static int sequenceLength(String text, int at) {
    if (at >= text.length()) {
      return 0;
    }
    int continuations = 0;
    while (continuations < 3
        && at + 1 + continuations < text.length()
        && CONTINUATION.get(text.charAt(at + 1 + continuations))) {
      continuations++;
    }
    for (int needed = 1; needed <= continuations; needed++) {
      if (FIRST.get(needed - 1).get(text.charAt(at))) {
        return needed + 1;
      }
    }
    return 0;
  }
}
