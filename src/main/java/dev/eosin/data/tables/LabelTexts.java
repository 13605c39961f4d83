package dev.eosin.data.tables;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What labels show, as a table beside the images says it in its columns `label` and `label_text`.
///
/// @param table that says it
/// @param texts by label
public record LabelTexts(Path table, Map<String, String> texts) {
  private static final String LABEL = "label";
  private static final String TEXT = "label_text";

  public LabelTexts {
    texts = Collections.unmodifiableMap(new TreeMap<>(texts));
  }

  /// The first table (CSV, TSV) in a folder whose columns name every label; empty where none does.
  ///
  /// @throws DataException when the folder cannot be listed
  public static Optional<LabelTexts> in(Path folder, Set<String> labels) throws DataException {
    try (Stream<Path> inside = Files.list(folder)) {
      List<Path> tables =
          inside
              .filter(Files::isRegularFile)
              .filter(file -> file.toString().matches("(?i).+\\.(csv|tsv)"))
              .sorted()
              .toList();
      return tables.stream()
          .map(table -> new LabelTexts(table, read(table)))
          .filter(found -> found.texts().keySet().containsAll(labels))
          .findFirst();
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be listed: " + AtomicFile.reason(e), e);
    }
  }

  /// Another table's rows are none of this one's business: what cannot be read says nothing.
  private static Map<String, String> read(Path table) {
    char separator = table.toString().toLowerCase(Locale.ROOT).endsWith("tsv") ? '\t' : ',';
    Map<String, String> texts = new TreeMap<>();
    try (CsvReader<NamedCsvRecord> rows =
        CsvReader.builder()
            .fieldSeparator(separator)
            .detectBomHeader(true)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .ofNamedCsvRecord(table)) {
      rows.forEach(
          row -> {
            Optional<String> label = row.findField(LABEL).filter(text -> !text.isBlank());
            Optional<String> text = row.findField(TEXT).filter(words -> !words.isBlank());
            if (label.isPresent() && text.isPresent()) {
              texts.putIfAbsent(label.get(), text.get().strip());
            }
          });
    } catch (IOException | CsvParseException | UncheckedIOException | IllegalArgumentException e) {
      return Map.of();
    }
    return texts;
  }
}
