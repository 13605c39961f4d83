package dev.eosin.text;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// HTML character references, decoded by the rules of HTML5 as Python's `html.unescape` applies
/// them.
final class HtmlEntities {
  private static final int LONGEST_NAME = 32;
  private static final int LAST_CODE_POINT = 0x10FFFF;

  /// What browsers read the references `&#128;` to `&#159;` as: the characters of Windows-1252.
  private static final String C1_AS_WINDOWS_1252 =
      "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d"
          + "\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153"
          + "\u009d\u017e\u0178";

  /// Name, with its semicolon where it is written with one, to characters.
  private static final Map<String, String> NAMED = named();

  /// Names ending in a semicolon, and their capitalised forms where those mean nothing else.
  private static final Map<String, String> UNAMBIGUOUS = unambiguous();

  private HtmlEntities() {}

  /// Decodes every reference, also those without a semicolon: `&ampx` becomes `&x`.
  static String unescape(String text) {
    int at = text.indexOf('&');
    if (at < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    int from = 0;
    while (at >= 0) {
      int end = referenceEnd(text, at + 1);
      if (end > 0) {
        out.append(text, from, at).append(decode(text.substring(at + 1, end)));
        from = end;
      }
      at = text.indexOf('&', Math.max(at + 1, end));
    }
    return out.append(text, from, text.length()).toString();
  }

  /// Decodes only what can hardly be meant otherwise: references that end in a semicolon, `&AMP;`
  /// and other capitalised names included.
  static String unescapeUnambiguous(String text) {
    int at = text.indexOf('&');
    if (at < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    int from = 0;
    while (at >= 0) {
      int end = unambiguousEnd(text, at);
      if (end > 0) {
        out.append(text, from, at).append(decodeUnambiguous(text.substring(at, end)));
        from = end;
      }
      at = text.indexOf('&', Math.max(at + 1, end));
    }
    return out.append(text, from, text.length()).toString();
  }

  /// The end of the reference whose body starts at `from`, or -1.
  private static int referenceEnd(String text, int from) {
    int end = from;
    if (end < text.length() && text.charAt(end) == '#') {
      int radix = 10;
      end++;
      if (end < text.length() && (text.charAt(end) | 0x20) == 'x') {
        radix = 16;
        end++;
      }
      int digits = end;
      while (end < text.length() && digit(text.charAt(end), radix) >= 0) {
        end++;
      }
      if (end == digits) {
        return -1;
      }
    } else {
      for (int n = 0; n < LONGEST_NAME && end < text.length(); n++) {
        int c = text.codePointAt(end);
        if (c < 0x80 && "\t\n\f <&#;".indexOf(c) >= 0) {
          break;
        }
        end += Character.charCount(c);
      }
      if (end == from) {
        return -1;
      }
    }
    return end < text.length() && text.charAt(end) == ';' ? end + 1 : end;
  }

  private static int unambiguousEnd(String text, int at) {
    int start = at + 1;
    if (start < text.length() && text.charAt(start) == '#') {
      start++;
    }
    int end = start;
    while (end < text.length() && end - start < 24 && isAsciiAlphanumeric(text.charAt(end))) {
      end++;
    }
    return end > start && end < text.length() && text.charAt(end) == ';' ? end + 1 : -1;
  }

  private static String decodeUnambiguous(String reference) {
    String known = UNAMBIGUOUS.get(reference);
    if (known != null) {
      return known;
    }
    if (reference.charAt(1) != '#') {
      return reference;
    }
    String decoded = unescape(reference);
    return decoded.indexOf(';') >= 0 ? reference : decoded;
  }

  private static String decode(String body) {
    if (body.charAt(0) == '#') {
      return numeric(body);
    }
    for (int end = body.length(); end > 1; end--) {
      String known = NAMED.get(body.substring(0, end));
      if (known != null) {
        return known + body.substring(end);
      }
    }
    return "&" + body;
  }

  private static String numeric(String body) {
    boolean hexadecimal = (body.charAt(1) | 0x20) == 'x';
    int radix = hexadecimal ? 16 : 10;
    int number = 0;
    for (int i = hexadecimal ? 2 : 1; i < body.length() && body.charAt(i) != ';'; i++) {
      number = Math.min(number * radix + digit(body.charAt(i), radix), LAST_CODE_POINT + 1);
    }
    if (number >= 0x80 && number <= 0x9F) {
      return C1_AS_WINDOWS_1252.substring(number - 0x80, number - 0x7F);
    }
    if (number == 0 || number > LAST_CODE_POINT || (number >= 0xD800 && number <= 0xDFFF)) {
      return "\uFFFD";
    }
    return isInvalid(number) ? "" : Character.toString(number);
  }

  private static boolean isInvalid(int number) {
    return (number < 0x20 && "\t\n\f\r".indexOf(number) < 0)
        || number == 0x7F
        || (number >= 0xFDD0 && number <= 0xFDEF)
        || (number & 0xFFFE) == 0xFFFE;
  }

  private static int digit(char c, int radix) {
    return c < 0x80 ? Character.digit(c, radix) : -1;
  }

  private static boolean isAsciiAlphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }

  private static Map<String, String> named() {
    List<String> lines = TextResource.table("html-entities.txt");
    Map<String, String> names = HashMap.newHashMap(lines.size());
    for (String line : lines) {
      String[] fields = line.split(" ", -1);
      StringBuilder characters = new StringBuilder();
      for (int i = 1; i < fields.length; i++) {
        characters.appendCodePoint(Integer.parseInt(fields[i], 16));
      }
      names.put(fields[0], characters.toString());
    }
    return Map.copyOf(names);
  }

  private static Map<String, String> unambiguous() {
    Map<String, String> references = HashMap.newHashMap(2 * NAMED.size());
    for (Map.Entry<String, String> entry : NAMED.entrySet()) {
      String name = entry.getKey();
      if (!name.endsWith(";")) {
        continue;
      }
      references.put("&" + name, entry.getValue());
      String capitals = "&" + name.toUpperCase(Locale.ROOT);
      if (name.equals(name.toLowerCase(Locale.ROOT)) && unescape(capitals).equals(capitals)) {
        references.put(capitals, entry.getValue().toUpperCase(Locale.ROOT));
      }
    }
    return Map.copyOf(references);
  }
}
