package dev.eosin.data.tables;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.IndexedCsvReader;
import dev.eosin.config.DataException;
import dev.eosin.data.settings.CsvSettings.Quotes;
import dev.eosin.data.settings.TableFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A CSV file with a header (RFC 4180: quoted fields may hold separators, quotes and new lines),
/// any row of which can be read at any time. Memory holds where every 16th row starts, not the
/// rows.
///
/// Rows are read from the open file, so the table must not change while a run uses it. Thread safe.
public final class CsvTable {
  private static final int PAGE_ROWS = 16;
  // No text holds this character, so no field begins with it.
  private static final char NO_QUOTE = '\0';

  private final Path file;
  private final IndexedCsvReader<CsvRecord> reader;
  private final Quotes quotes;
  private final List<String> columns;
  private volatile @Nullable Page lastPage;

  private record Page(int number, List<CsvRecord> rows) {}

  private CsvTable(
      Path file, IndexedCsvReader<CsvRecord> reader, Quotes quotes, List<String> columns) {
    this.file = file;
    this.reader = reader;
    this.quotes = quotes;
    this.columns = columns;
  }

  /// @throws DataException when the file is missing, empty, not UTF-8 or breaks the rules of
  ///   quoting
  public static CsvTable open(Path file, char separator, Quotes quotes) throws DataException {
    TableFiles.checkText(file);
    char quote =
        switch (quotes) {
          case DOUBLE -> '"';
          case NONE -> {
            TableFiles.checkZeros(file);
            yield NO_QUOTE;
          }
        };
    try {
      IndexedCsvReader<CsvRecord> reader =
          IndexedCsvReader.builder()
              .fieldSeparator(separator)
              .quoteCharacter(quote)
              .allowUnclosedQuote(false)
              .pageSize(PAGE_ROWS)
              .ofCsvRecord(file);
      if (reader.getIndex().pages().isEmpty()) {
        reader.close();
        throw new DataException(
            file + ": the table is empty; its first line must name the columns");
      }
      List<String> header = reader.readPage(0).getFirst().getFields();
      return new CsvTable(file, reader, quotes, header.stream().map(String::strip).toList());
    } catch (DataException e) {
      throw e;
    } catch (IOException | CsvParseException | IllegalArgumentException e) {
      throw unreadable(file, e, quotes);
    }
  }

  public Path file() {
    return file;
  }

  /// The names in the header, in the file's order.
  public List<String> columns() {
    return columns;
  }

  /// Number of rows, without the header.
  public long rowCount() {
    return reader.getIndex().recordCount() - 1;
  }

  /// Row `index` in [0, rowCount); an empty line is a row with one empty field.
  ///
  /// @throws DataException when it breaks the rules of quoting or the file can no longer be read
  public CsvRecord row(long index) throws DataException {
    long record = index + 1;
    int number = Math.toIntExact(record / PAGE_ROWS);
    Page page = lastPage;
    if (page == null || page.number() != number) {
      page = new Page(number, readPage(number));
      lastPage = page;
    }
    return page.rows().get((int) (record % PAGE_ROWS));
  }

  private List<CsvRecord> readPage(int number) throws DataException {
    try {
      return reader.readPage(number);
    } catch (IOException | CsvParseException e) {
      throw unreadable(file, e, quotes);
    }
  }

  private static DataException unreadable(Path file, Exception e, Quotes quotes) {
    Throwable cause = e.getCause();
    String reason = cause == null ? "" : ": " + cause.getMessage();
    String mend =
        e instanceof CsvParseException && quotes == Quotes.DOUBLE
            ? "; where quotes are ordinary characters of the table, set quotes: none"
            : "";
    return new DataException(
        "%s: cannot be read as CSV: %s%s%s".formatted(file, e.getMessage(), reason, mend), e);
  }
}
