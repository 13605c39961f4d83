package dev.eosin.config;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Writes a tree as YAML in one fixed way.
final class YamlText {
  private static final int WIDTH = 100;

  /// What any YAML reader takes as one plain scalar, inside a flow node too; stricter than needed.
  private static final Pattern BARE =
      Pattern.compile("[A-Za-z_./][A-Za-z0-9_./+-]*( [A-Za-z0-9_./+-]+)*");

  /// Words that readers of YAML 1.1 take for booleans.
  private static final Pattern OLD_FLAG = Pattern.compile("(?i)y|n|yes|no|on|off");

  /// The longest key that may stand before a `:` is 1024 characters.
  private static final int LONGEST_KEY = 1_000;

  private final StringBuilder out = new StringBuilder();

  private YamlText() {}

  /// A document of one key a line, short lists of scalars in brackets.
  static String block(Tree.Mapping root) {
    YamlText text = new YamlText();
    text.entries(root, "");
    return text.out.toString();
  }

  /// One line.
  static String flow(Tree tree) {
    return switch (tree) {
      case Tree.Scalar scalar -> scalar(scalar);
      case Tree.Sequence list ->
          list.items().stream().map(YamlText::flow).collect(Collectors.joining(", ", "[", "]"));
      case Tree.Mapping map ->
          map.entries().isEmpty()
              ? "{}"
              : map.entries().entrySet().stream()
                  .map(entry -> quoted(entry.getKey()) + ": " + flow(entry.getValue().value()))
                  .collect(Collectors.joining(", ", "{ ", " }"));
    };
  }

  private void entries(Tree.Mapping map, String indent) {
    String start = "";
    for (Map.Entry<String, Tree.Entry> entry : map.entries().entrySet()) {
      String key = quoted(entry.getKey());
      out.append(start).append(key.length() > LONGEST_KEY ? "? " + key + "\n" + indent : key);
      out.append(':');
      value(entry.getValue().value(), indent);
      start = indent;
    }
  }

  private void value(Tree tree, String indent) {
    switch (tree) {
      case Tree.Mapping map when !map.entries().isEmpty() -> {
        out.append('\n').append(indent).append("  ");
        entries(map, indent + "  ");
      }
      case Tree.Sequence list when !fits(list, indent) -> {
        out.append('\n');
        for (Tree item : list.items()) {
          item(item, indent + "  ");
        }
      }
      case Tree.Mapping empty -> out.append(" {}\n");
      case Tree.Sequence list -> out.append(' ').append(flow(list)).append('\n');
      case Tree.Scalar scalar -> out.append(' ').append(scalar(scalar)).append('\n');
    }
  }

  private void item(Tree item, String indent) {
    out.append(indent).append('-');
    if (item instanceof Tree.Mapping map && !map.entries().isEmpty()) {
      out.append(' ');
      entries(map, indent + "  ");
    } else {
      value(item, indent);
    }
  }

  private static boolean fits(Tree.Sequence list, String indent) {
    List<Tree> items = list.items();
    return items.stream().allMatch(Tree.Scalar.class::isInstance)
        && indent.length() + flow(list).length() < WIDTH;
  }

  private static String scalar(Tree.Scalar scalar) {
    return scalar.plain() ? scalar.text() : quoted(scalar.text());
  }

  /// `text` as a scalar that is text: bare where that is safe.
  private static String quoted(String text) {
    boolean bare =
        text.length() < WIDTH && BARE.matcher(text).matches() && !OLD_FLAG.matcher(text).matches();
    if (bare && CoreScalar.of(text) == CoreScalar.TEXT && !text.startsWith("...")) {
      return text;
    }
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints().forEach(point -> quoted.append(escaped(point)));
    return quoted.append('"').toString();
  }

  private static String escaped(int point) {
    return switch (point) {
      case '"' -> "\\\"";
      case '\\' -> "\\\\";
      case '\n' -> "\\n";
      case '\t' -> "\\t";
      case '\r' -> "\\r";
      default -> {
        boolean shown = point >= 0x20 && point < 0x7f || Character.isLetterOrDigit(point);
        String escape = point > 0xffff ? "\\U%08x" : "\\u%04x";
        yield shown ? Character.toString(point) : escape.formatted(point);
      }
    };
  }
}
