package dev.eosin.data;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/// Names from data, as messages may hold them: of many the first ones, and of long ones the
/// beginning.
public final class Names {
  private static final int SHOWN = 12;
  private static final int LONGEST = 120;

  private Names() {}

  /// The names with commas between them: `a, b, c and 988 more`.
  public static String of(Collection<String> names) {
    List<String> shown = names.stream().limit(SHOWN).map(Names::cut).toList();
    int hidden = names.size() - shown.size();
    return shown.stream().collect(Collectors.joining(", "))
        + (hidden > 0 ? " and %d more".formatted(hidden) : "");
  }

  /// A name in one line, at most so long that a message stays readable.
  public static String cut(String name) {
    String line = OneLine.of(name);
    return line.codePointCount(0, line.length()) <= LONGEST
        ? line
        : line.substring(0, line.offsetByCodePoints(0, LONGEST)) + "...";
  }
}
