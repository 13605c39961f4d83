package dev.eosin.data.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The first rows of a table, for guessing what it is.
///
/// @param file the table
/// @param separator of its fields; none for JSON lines
/// @param columns its columns' names
/// @param rows values by column, where a row has them
public record TableSample(
    Path file,
    Optional<Character> separator,
    List<String> columns,
    List<Map<String, String>> rows) {
  private static final int MOST_ROWS = 2_000;
  private static final List<Character> SEPARATORS = List.of(',', '\t', ';', '|');

  public TableSample {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }

  /// @throws DataException when there is no such table
  public static TableSample read(Path file) throws DataException {
    TableFiles.checkText(file);
    TableSample sample = file.toString().endsWith(".jsonl") ? jsonLines(file) : separated(file);
    if (sample.rows.isEmpty()) {
      throw new DataException(file + ": has no rows");
    }
    return sample;
  }

  /// Takes the separator that gives the most columns of the same number in every row.
  private static TableSample separated(Path file) throws DataException {
    TableSample best = separated(file, ',');
    for (char separator : SEPARATORS) {
      TableSample other = separated(file, separator);
      if (other.columns.size() > best.columns.size() && !other.rows.isEmpty()) {
        best = other;
      }
    }
    return best;
  }

  private static TableSample separated(Path file, char separator) throws DataException {
    try (CsvReader<CsvRecord> reader =
            CsvReader.builder()
                .fieldSeparator(separator)
                .detectBomHeader(true)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .ofCsvRecord(file);
        Stream<CsvRecord> records = reader.stream()) {
      List<CsvRecord> first = records.limit(MOST_ROWS + 1L).toList();
      List<String> columns =
          first.isEmpty()
              ? List.of()
              : first.getFirst().getFields().stream().map(String::strip).toList();
      List<Map<String, String>> rows = new ArrayList<>();
      for (CsvRecord row : first.subList(Math.min(1, first.size()), first.size())) {
        if (row.getFieldCount() != columns.size()) {
          continue;
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
          values.put(columns.get(i), row.getField(i));
        }
        rows.add(values);
      }
      return new TableSample(file, Optional.of(separator), columns, rows);
    } catch (CsvParseException | UncheckedIOException e) {
      return new TableSample(file, Optional.of(separator), List.of(), List.of());
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private static TableSample jsonLines(Path file) throws DataException {
    ObjectMapper json = new ObjectMapper();
    Set<String> columns = new LinkedHashSet<>();
    List<Map<String, String>> rows = new ArrayList<>();
    try (Stream<String> lines = Files.lines(file)) {
      for (String line :
          lines
              .map(TableSample::withoutMark)
              .filter(each -> !each.isBlank())
              .limit(MOST_ROWS)
              .toList()) {
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : json.readTree(line).properties()) {
          if (field.getValue().isValueNode()) {
            values.put(field.getKey(), field.getValue().asText());
          }
        }
        columns.addAll(values.keySet());
        rows.add(values);
      }
    } catch (JsonProcessingException e) {
      throw new DataException(file + ": is not JSON lines: " + e.getOriginalMessage(), e);
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
    return new TableSample(file, Optional.empty(), List.copyOf(columns), rows);
  }

  private static String withoutMark(String line) {
    return line.startsWith("\uFEFF") ? line.substring(1) : line;
  }

  private Stream<String> column(String name) {
    return rows.stream().map(row -> row.getOrDefault(name, ""));
  }

  Set<String> values(String name) {
    Set<String> values = new TreeSet<>();
    column(name).filter(value -> !value.isBlank()).forEach(values::add);
    return values;
  }

  int distinct(String name) {
    return values(name).size();
  }

  double meanLength(String name) {
    return column(name).mapToInt(String::length).average().orElse(0);
  }

  double share(String name, Predicate<String> accepts) {
    return column(name).filter(value -> !value.isBlank()).filter(accepts).count()
        / (double) rows.size();
  }
}
