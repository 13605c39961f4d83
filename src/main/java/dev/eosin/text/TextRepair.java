package dev.eosin.text;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Repairs what copying, exporting and converting does to captions, by the rules of ftfy 6.3.1
/// (`fix_text` with its default options), which open_clip applies before it tokenises.
///
/// Each rule is a method of its own and leaves text it does not concern alone. Rules apply in the
/// order of [#rules], line by line, again until nothing changes. All rules of ftfy are here; what
/// differs: ftfy also cuts lines at a million characters, and Python's and Java's Unicode tables
/// may be of different versions, which matters for characters of the newest Unicode versions only.
final class TextRepair {
  private static final Pattern TERMINAL_ESCAPE = Pattern.compile("\\x1b\\[[\\p{Nd};]*[a-zA-Z]");

  /// The characters of bytes 80 to 9F in Windows-1252; unassigned bytes stay what they are.
  private static final String WINDOWS_1252 =
      "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d"
          + "\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153"
          + "\u009d\u017e\u0178";

  private static final char FIRST_COMBINING_MARK = '\u0300';

  private static final Map<Character, String> LIGATURES =
      Map.ofEntries(
          Map.entry('\u0132', "IJ"),
          Map.entry('\u0133', "ij"),
          Map.entry('\u0149', "\u02bcn"),
          Map.entry('\u01f1', "DZ"),
          Map.entry('\u01f2', "Dz"),
          Map.entry('\u01f3', "dz"),
          Map.entry('\u01c4', "D\u017d"),
          Map.entry('\u01c5', "D\u017e"),
          Map.entry('\u01c6', "d\u017e"),
          Map.entry('\u01c7', "LJ"),
          Map.entry('\u01c8', "Lj"),
          Map.entry('\u01c9', "lj"),
          Map.entry('\u01ca', "NJ"),
          Map.entry('\u01cb', "Nj"),
          Map.entry('\u01cc', "nj"),
          Map.entry('\ufb00', "ff"),
          Map.entry('\ufb01', "fi"),
          Map.entry('\ufb02', "fl"),
          Map.entry('\ufb03', "ffi"),
          Map.entry('\ufb04', "ffl"),
          Map.entry('\ufb05', "\u017ft"),
          Map.entry('\ufb06', "st"));

  private static final Map<Character, String> WIDTHS = widths();

  private TextRepair() {}

  /// Repairs a text line by line. A literal `<` says that the text is HTML from that line on, whose
  /// entities are then meant as they are.
  static String repair(String text) {
    StringBuilder out = new StringBuilder(text.length());
    boolean entities = true;
    int from = 0;
    while (from < text.length()) {
      int lineBreak = text.indexOf('\n', from);
      int to = lineBreak < 0 ? text.length() : lineBreak + 1;
      String line = text.substring(from, to);
      entities &= line.indexOf('<') < 0;
      out.append(repairLine(line, entities));
      from = to;
    }
    return out.toString();
  }

  private static String repairLine(String line, boolean entities) {
    String current = line;
    while (true) {
      String next = rules(entities ? decodeEntities(current) : current);
      if (next.equals(current)) {
        return current;
      }
      current = next;
    }
  }

  private static String rules(String line) {
    String text = repairMojibake(line);
    text = replaceC1Controls(text);
    text = splitLigatures(text);
    text = standardWidth(text);
    text = straightenQuotes(text);
    text = unifyLineBreaks(text);
    text = replaceLoneSurrogates(text);
    text = removeTerminalEscapes(text);
    text = removeControlCharacters(text);
    return compose(text);
  }

  /// HTML entities that end in a semicolon: `&lt;` becomes `<`, `&EACUTE;` becomes `É`.
  static String decodeEntities(String text) {
    return HtmlEntities.unescapeUnambiguous(text);
  }

  /// UTF-8 that was read in a single-byte encoding: `donâ€™t` becomes `don’t`.
  static String repairMojibake(String text) {
    return MojibakeRepair.repair(text);
  }

  /// Control characters U+0080 to U+009F are what Windows-1252 has there: U+0096 becomes a dash.
  static String replaceC1Controls(String text) {
    return mapped(
        text, c -> c >= 0x80 && c <= 0x9F ? WINDOWS_1252.substring(c - 0x80, c - 0x7F) : null);
  }

  /// Ligatures of Latin letters: `ﬁbrosis` becomes `fibrosis`.
  static String splitLigatures(String text) {
    return mapped(text, c -> c < '\u0132' ? null : LIGATURES.get(c));
  }

  /// Fullwidth Latin and halfwidth Katakana or Hangul characters take their usual width; the
  /// ideographic blank becomes a blank.
  static String standardWidth(String text) {
    return mapped(text, TextRepair::widened);
  }

  /// Curly quotation marks and apostrophes become `"` and `'`.
  static String straightenQuotes(String text) {
    return mapped(
        text,
        c -> {
          if (c == '\u02bc' || (c >= '\u2018' && c <= '\u201b')) {
            return "'";
          }
          return c >= '\u201c' && c <= '\u201f' ? "\"" : null;
        });
  }

  /// CR LF, CR, next line, line separator and paragraph separator become a line feed.
  static String unifyLineBreaks(String text) {
    return mapped(
        text.indexOf('\r') < 0 ? text : text.replace("\r\n", "\n"),
        c -> c == '\r' || c == '\u0085' || c == '\u2028' || c == '\u2029' ? "\n" : null);
  }

  /// Half a surrogate pair becomes U+FFFD.
  static String replaceLoneSurrogates(String text) {
    if (text.codePoints().noneMatch(TextRepair::isLoneSurrogate)) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().forEach(c -> out.appendCodePoint(isLoneSurrogate(c) ? 0xFFFD : c));
    return out.toString();
  }

  /// Colour codes of terminals, `ESC [ 31 m`, go.
  static String removeTerminalEscapes(String text) {
    return text.indexOf('\u001b') < 0 ? text : TERMINAL_ESCAPE.matcher(text).replaceAll("");
  }

  /// Control characters without a visible effect go: ASCII ones save white space, deprecated Arabic
  /// ones, interlinear annotation, the object replacement and the byte order mark.
  static String removeControlCharacters(String text) {
    return mapped(text, c -> isRemovedControl(c) ? "" : null);
  }

  /// Letters and the marks on them become one character (Unicode normalisation form C).
  static String compose(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= FIRST_COMBINING_MARK) {
        return Normalizer.normalize(text, Normalizer.Form.NFC);
      }
    }
    return text;
  }

  static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLoneSurrogate(int codePoint) {
    return codePoint >= 0xD800 && codePoint <= 0xDFFF;
  }

  private static boolean isRemovedControl(char c) {
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\f' && c != '\r')
        || c == 0x7F
        || (c >= 0x206A && c <= 0x206F)
        || c == 0xFEFF
        || (c >= 0xFFF9 && c <= 0xFFFC);
  }

  private static @Nullable String widened(char c) {
    if (c == '\u3000') {
      return " ";
    }
    return c > '\uff00' && c < '\ufff0' ? WIDTHS.get(c) : null;
  }

  /// The compatibility forms of U+FF01 to U+FFEF, where they have one.
  private static Map<Character, String> widths() {
    Map<Character, String> widths = new HashMap<>();
    for (char c = '\uff01'; c < '\ufff0'; c++) {
      String usual = Normalizer.normalize(String.valueOf(c), Normalizer.Form.NFKC);
      if (!usual.equals(String.valueOf(c))) {
        widths.put(c, usual);
      }
    }
    return Map.copyOf(widths);
  }

  /// Replaces the characters that a rule has something for; without one, returns the text itself.
  private static String mapped(String text, CharacterRule rule) {
    StringBuilder out = null;
    for (int i = 0; i < text.length(); i++) {
      String with = rule.apply(text.charAt(i));
      if (with != null && out == null) {
        out = new StringBuilder(text.length() + 8).append(text, 0, i);
      }
      if (out != null) {
        if (with == null) {
          out.append(text.charAt(i));
        } else {
          out.append(with);
        }
      }
    }
    return out == null ? text : out.toString();
  }

  @FunctionalInterface
  private interface CharacterRule {
    /// What replaces a character, or null to keep it.
    @Nullable String apply(char c);
  }
}
