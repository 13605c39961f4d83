package dev.eosin.data.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.data.tables.RowChecks;
import dev.eosin.data.tables.RowFilter;
import dev.eosin.data.tables.TableRow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/// One pass over a file of records when it is opened: selects records, checks each of them and
/// notes where it lies.
final class JsonScan {
  private final RecordMapping mapping;
  private final RowFilter filter;
  private final BiPredicate<JsonNode, TableRow> keeps;
  private final RowChecks checks;
  private final Predicate<TableRow> leftOut;
  private final RecordIndex index = new RecordIndex();
  private long recordCount;
  private long leftOutCount;

  /// @param keeps whether the lists of samples keep a record
  /// @param leftOut chooses the rows that are counted and left out
  JsonScan(
      RecordMapping mapping,
      RowFilter filter,
      BiPredicate<JsonNode, TableRow> keeps,
      RowChecks checks,
      Predicate<TableRow> leftOut) {
    this.mapping = mapping;
    this.filter = filter;
    this.keeps = keeps;
    this.checks = checks;
    this.leftOut = leftOut;
  }

  /// Takes the next record; what is wrong with it is told at the end.
  void add(JsonNode record, long place, long start, int length) {
    recordCount++;
    if (!filter.selects(name -> JsonFields.text(JsonFields.at(record, name)).orElse(""))) {
      return;
    }
    List<String> problems = new ArrayList<>();
    TableRow row = mapping.read(record, problems::add);
    if (!keeps.test(record, row)) {
      return;
    }
    if (leftOut.test(row)) {
      leftOutCount++;
      return;
    }
    problems.forEach(problem -> checks.problem(problem, place));
    if (problems.isEmpty()) {
      checks.check(row, place);
    }
    index.add(start, length);
  }

  /// The selected records.
  ///
  /// @param file names the file
  /// @throws DataException naming faulty records, or when none is left
  RecordIndex finish(Object file) throws DataException {
    checks.throwIfFaulty(file);
    if (index.count() == 0) {
      throw new DataException(file + ": " + whyEmpty());
    }
    return index;
  }

  private String whyEmpty() {
    if (recordCount == 0) {
      return "the file holds no records";
    }
    return leftOutCount > 0
        ? "all %d selected records are left out: their images are not there".formatted(leftOutCount)
        : filter.describeMismatch();
  }

  /// Number of selected records so far.
  int count() {
    return index.count();
  }

  long recordCount() {
    return recordCount;
  }

  long leftOutCount() {
    return leftOutCount;
  }
}
