package dev.eosin.revise;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.prepare.Row;
import dev.eosin.revise.CaptionEdit.Operation;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What is known of all degraded rows: how often each operation, on what, and whether the words
/// alone give degraded captions away.
final class DegradeStatistics {
  private static final int EXAMPLES = 8;

  /// More rows than the leak test needs; those after them are not looked at.
  private static final int MOST_TESTED = 20_000;

  private final SortedMap<String, Long> rows = new TreeMap<>();
  private final Map<Operation, SortedMap<String, Long>> edits = new EnumMap<>(Operation.class);
  private final SortedMap<String, List<DegradedRow>> examples = new TreeMap<>();
  private final List<LeakTest.Labelled> tested = new ArrayList<>();
  private long all;

  void add(DegradedRow row) {
    String operation = row.operations().operation();
    all++;
    rows.merge(operation, 1L, Long::sum);
    for (CaptionEdit edit : row.operations().edits()) {
      edits.computeIfAbsent(edit.operation(), _ -> new TreeMap<>()).merge(edit.of(), 1L, Long::sum);
    }
    List<DegradedRow> shown = examples.computeIfAbsent(operation, _ -> new ArrayList<>());
    if (shown.size() < EXAMPLES) {
      shown.add(row);
    }
    if (tested.size() < MOST_TESTED) {
      boolean corrupted = !row.operations().edits().isEmpty();
      tested.add(new LeakTest.Labelled(row.corrupted(), corrupted, Row.hash(row.id())));
    }
  }

  /// The first rows of each operation.
  SortedMap<String, List<DegradedRow>> examples() {
    return examples;
  }

  /// As the file has it.
  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("rows", all);
    ObjectNode byOperation = json.putObject("operations");
    rows.forEach(byOperation::put);
    ObjectNode byEdit = json.putObject("edits");
    edits.forEach((operation, of) -> of.forEach(byEdit.putObject(operation.word())::put));
    json.set("leak", LeakTest.of(tested).json());
    return json;
  }
}
