package dev.eosin.data.tables;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A list of texts as Python prints it, `['a', "b's"]`, which pandas writes into tables; JSON's
/// arrays of texts are such lists, too. `None` and `nan` are left out.
final class PythonList {
  private final String text;
  private int at;

  private PythonList(String text) {
    this.text = text;
  }

  /// Whether a text begins and ends like a list of texts.
  static boolean resembles(String text) {
    String inside = text.strip();
    return (inside.startsWith("['") || inside.startsWith("[\"")) && inside.endsWith("]");
  }

  /// The texts of the list; empty where this is none.
  static Optional<List<String>> parse(String text) {
    PythonList list = new PythonList(text.strip());
    List<String> texts = new ArrayList<>();
    return list.read(texts) ? Optional.of(texts) : Optional.empty();
  }

  private boolean read(List<String> texts) {
    if (!takes('[')) {
      return false;
    }
    skipSpaces();
    while (!takes(']')) {
      if (!readElement(texts)) {
        return false;
      }
      skipSpaces();
      if (!takes(',') && !ends()) {
        return false;
      }
      skipSpaces();
    }
    return at == text.length();
  }

  /// Whether the list ends here, without taking its bracket.
  private boolean ends() {
    return at < text.length() && text.charAt(at) == ']';
  }

  private boolean readElement(List<String> texts) {
    for (String nothing : List.of("None", "nan", "null")) {
      if (text.startsWith(nothing, at)) {
        at += nothing.length();
        return true;
      }
    }
    if (at >= text.length()) {
      return false;
    }
    char quote = text.charAt(at++);
    return (quote == '\'' || quote == '"') && readText(quote, texts);
  }

  private boolean readText(char quote, List<String> texts) {
    StringBuilder out = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == quote) {
        texts.add(out.toString());
        return true;
      }
      if (c != '\\') {
        out.append(c);
      } else if (at >= text.length() || !readEscape(text.charAt(at++), out)) {
        return false;
      }
    }
    return false;
  }

  private boolean readEscape(char kind, StringBuilder out) {
    switch (kind) {
      case 'n' -> out.append('\n');
      case 't' -> out.append('\t');
      case 'r' -> out.append('\r');
      case 'x' -> {
        return readCode(2, out);
      }
      case 'u' -> {
        return readCode(4, out);
      }
      case 'U' -> {
        return readCode(8, out);
      }
      case '\'', '"', '\\', '/' -> out.append(kind);
      // Python keeps the backslash of an escape that it does not know.
      default -> out.append('\\').append(kind);
    }
    return true;
  }

  private boolean readCode(int digits, StringBuilder out) {
    if (at + digits > text.length()) {
      return false;
    }
    String code = text.substring(at, at + digits);
    if (!code.matches("[0-9a-fA-F]+")
        || !Character.isValidCodePoint(Integer.parseUnsignedInt(code, 16))) {
      return false;
    }
    at += digits;
    out.appendCodePoint(Integer.parseInt(code, 16));
    return true;
  }

  private boolean takes(char wanted) {
    boolean there = at < text.length() && text.charAt(at) == wanted;
    at += there ? 1 : 0;
    return there;
  }

  private void skipSpaces() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }
}
