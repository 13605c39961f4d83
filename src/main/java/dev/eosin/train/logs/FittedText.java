package dev.eosin.train.logs;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// Text that is made to fit the width of a terminal.
public final class FittedText {
  private static final String GAP = "  ";
  private static final int INDENT = 4;

  private FittedText() {}

  /// A part of a line.
  ///
  /// @param rank of what can be spared the higher goes first; 0 stays
  record Part(String text, int rank) {}

  /// The parts in their order with gaps between them, without those that can be spared where all
  /// are wider than `columns`.
  static String line(List<Part> parts, int columns) {
    List<Part> left = new ArrayList<>(parts);
    left.removeIf(part -> part.text().isEmpty());
    while (joined(left).length() > columns) {
      Part spared = left.stream().max(Comparator.comparingInt(Part::rank)).orElseThrow();
      if (spared.rank() == 0) {
        break;
      }
      left.remove(spared);
    }
    return joined(left);
  }

  private static String joined(List<Part> parts) {
    return parts.stream().map(Part::text).collect(Collectors.joining(GAP));
  }

  /// A text in lines of at most `columns` letters, broken at gaps where that will do, otherwise at
  /// spaces; later lines are indented.
  static String wrapped(String text, int columns) {
    return wrapped(text, columns, INDENT);
  }

  /// As above.
  ///
  /// @param indent spaces before later lines
  public static String wrapped(String text, int columns, int indent) {
    if (text.length() <= columns || text.contains("\n")) {
      return text;
    }
    StringBuilder all = new StringBuilder();
    int width = 0;
    for (String piece : pieces(text, columns - indent)) {
      if (width > 0 && width + piece.stripTrailing().length() > columns) {
        all.setLength(all.toString().stripTrailing().length());
        all.append('\n').repeat(' ', indent);
        width = indent;
      }
      all.append(piece);
      width += piece.length();
    }
    return all.toString();
  }

  private static List<String> pieces(String text, int columns) {
    List<String> pieces = new ArrayList<>();
    for (String group : text.split("(?<=\\s{2})(?=\\S)")) {
      pieces.addAll(
          group.stripTrailing().length() <= columns
              ? List.of(group)
              : List.of(group.split("(?<=\\s)(?=\\S)")));
    }
    return pieces;
  }
}
