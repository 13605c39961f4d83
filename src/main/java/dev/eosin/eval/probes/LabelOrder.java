package dev.eosin.eval.probes;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The order of classes that nobody has listed.
public final class LabelOrder {
  private LabelOrder() {}

  /// Each label once: whole numbers in their order, all others in that of letters.
  public static List<String> of(Stream<String> labels) {
    List<String> distinct = labels.distinct().sorted().toList();
    return distinct.stream().allMatch(label -> label.matches("-?\\d{1,9}"))
        ? distinct.stream().sorted(Comparator.comparingInt(Integer::parseInt)).toList()
        : distinct;
  }
}
