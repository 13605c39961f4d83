package dev.eosin.eval.probes;

import dev.eosin.config.DataException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// The order of classes that nobody has listed.
public final class LabelOrder {
  /// What programs write where there is no label.
  private static final Set<String> NONE = Set.of("nan", "na", "n/a", "null", "<na>");

  private LabelOrder() {}

  /// As [#of(Stream)], of labels that make the classes.
  ///
  /// @param name of the rows, for messages
  /// @throws DataException for one that says that there is none: it would be a class in silence
  public static List<String> classes(String name, Stream<String> labels) throws DataException {
    List<String> found = of(labels);
    for (String label : found) {
      if (NONE.contains(label.strip().toLowerCase(Locale.ROOT))) {
        throw new DataException(
            "%s: a label is '%s', which is how programs write that there is none; leave it blank, or list the classes if it is one"
                .formatted(name, label));
      }
    }
    return found;
  }

  /// Each label once: whole numbers in their order, all others in that of letters.
  public static List<String> of(Stream<String> labels) {
    List<String> distinct = labels.distinct().sorted().toList();
    return distinct.stream().allMatch(label -> label.matches("-?\\d{1,9}"))
        ? distinct.stream().sorted(Comparator.comparingInt(Integer::parseInt)).toList()
        : distinct;
  }
}
