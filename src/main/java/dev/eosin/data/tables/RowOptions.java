package dev.eosin.data.tables;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// The options of a question as fields of text give them.
public final class RowOptions {
  static final String NO_LIST =
      "whose options are no list such as ['A.', 'B.'] (options; name one list, or a field for each)";

  private RowOptions() {}

  /// One text holds a list as Python or JSON writes it; several are an option each.
  ///
  /// @param problem is told where a list is none
  public static List<String> of(List<String> texts, Consumer<String> problem) {
    if (texts.size() != 1) {
      return texts;
    }
    String text = texts.getFirst();
    Optional<List<String>> listed =
        text.isBlank() ? Optional.of(List.of()) : PythonList.parse(text);
    if (listed.isEmpty()) {
      problem.accept(NO_LIST);
    }
    return listed.orElse(List.of());
  }
}
