package dev.eosin.data.listed;

import de.siegmar.fastcsv.reader.CsvRecord;
import dev.eosin.config.DataException;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.Names;
import dev.eosin.data.Sample;
import dev.eosin.data.settings.CsvSettings.Quotes;
import dev.eosin.data.settings.TableGuess;
import dev.eosin.data.tables.CsvTable;
import dev.eosin.data.tables.ImageFolder;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/// The rows of a CSV or TSV table, read again when asked for.
final class ListedTable implements ListedImages {
  private final CsvTable table;
  private final ImageFolder images;
  private final int image;
  private final OptionalInt group;
  private final OptionalInt label;
  private final OptionalInt split;
  private final OptionalInt centre;
  private final boolean flagged;
  private final String fingerprint;
  private final List<String> notes;

  private ListedTable(
      CsvTable table, ImageFolder images, Columns columns, String fingerprint, List<String> notes)
      throws DataException {
    this.table = table;
    this.images = images;
    this.image = place(table, columns.image()).orElseThrow();
    this.group = place(table, columns.group());
    this.label = place(table, columns.label());
    this.split = place(table, columns.split());
    this.centre = place(table, columns.centre());
    this.flagged = columns.split().filter(TableGuess::flagsTest).isPresent();
    this.fingerprint = fingerprint;
    this.notes = List.copyOf(notes);
  }

  /// @throws DataException when the table cannot be read, lacks a column, or names no images
  static ListedTable open(Path file, Columns named, ImageDecoder decoder) throws DataException {
    return open(file, named, decoder, TableGuess.of(file));
  }

  /// As above, of images that need not be there, since nothing looks at them.
  static ListedTable named(Path file, Columns named) throws DataException {
    return open(file, named, new ImageDecoder(), TableGuess.named(file));
  }

  private static ListedTable open(Path file, Columns named, ImageDecoder decoder, TableGuess guess)
      throws DataException {
    CsvTable table = CsvTable.open(file, guess.separator().orElse(','), Quotes.DOUBLE);
    // Tables are often sorted: the first rows, which a guess looks at, may be of one class or part.
    List<String> names = table.columns();
    var columns =
        new Columns(
            Optional.of(named.image().orElse(guess.image())),
            named.group().or(guess::group).or(() -> TableGuess.namedGroup(names)),
            named.label().or(guess::label).or(() -> TableGuess.namedLabel(names)),
            named
                .split()
                .or(() -> guess.split().map(TableGuess.Split::column))
                .or(() -> TableGuess.namedSplit(names)),
            named.centre().or(() -> TableGuess.namedCentre(names)));
    List<String> notes = new ArrayList<>();
    notes.add(
        "%s: image '%s', label %s, group %s, split %s%s"
            .formatted(
                file,
                columns.image().orElseThrow(),
                said(columns.label()),
                said(columns.group()),
                said(columns.split()),
                columns
                    .centre()
                    .map(name -> ", centre '%s'".formatted(Names.cut(name)))
                    .orElse("")));
    try {
      String fingerprint =
          new Fingerprint().add("listed table").add(columns.pinned()).addFile(file).hex();
      return new ListedTable(
          table, ImageFolder.of(guess.images(), file, decoder), columns, fingerprint, notes);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  static String said(Optional<String> column) {
    return column.map(name -> "'%s'".formatted(Names.cut(name))).orElse("none");
  }

  /// @throws DataException when the table has no column of that name
  static OptionalInt place(CsvTable table, Optional<String> column) throws DataException {
    if (column.isEmpty()) {
      return OptionalInt.empty();
    }
    int found = table.columns().indexOf(column.get());
    if (found < 0) {
      throw new DataException(
          "%s: has no column '%s'; it has %s"
              .formatted(table.file(), Names.cut(column.get()), Names.of(table.columns())));
    }
    return OptionalInt.of(found);
  }

  /// @throws DataException when the row has more or fewer fields than the header
  static CsvRecord row(CsvTable table, long index) throws DataException {
    CsvRecord row = table.row(index);
    if (row.getFieldCount() != table.columns().size()) {
      throw new DataException(
          "%s: line %d has %d fields, the header %d"
              .formatted(
                  table.file(),
                  row.getStartingLineNumber(),
                  row.getFieldCount(),
                  table.columns().size()));
    }
    return row;
  }

  @Override
  public long size() {
    return table.rowCount();
  }

  @Override
  public ListedImage get(long index) throws DataException {
    CsvRecord row = row(table, index);
    String path = row.getField(image).strip();
    return new ListedImage(
        path,
        List.of(reader(path, row)),
        Optional.empty(),
        field(row, group),
        field(row, label),
        split(row),
        field(row, centre));
  }

  private Sample.ImageReader reader(String path, CsvRecord row) throws DataException {
    try {
      if (!path.isEmpty()) {
        return images.read(path);
      }
    } catch (InvalidPathException e) {
      throw new DataException(
          "%s: line %d names no file: %s"
              .formatted(table.file(), row.getStartingLineNumber(), Names.cut(path)),
          e);
    }
    throw new DataException(
        "%s: line %d names no image".formatted(table.file(), row.getStartingLineNumber()));
  }

  private static Optional<String> field(CsvRecord row, OptionalInt column) {
    return column.isEmpty()
        ? Optional.empty()
        : Optional.of(row.getField(column.getAsInt()).strip()).filter(value -> !value.isEmpty());
  }

  /// A column that only tells whether a row is for testing is put into the words of others.
  private Optional<String> split(CsvRecord row) throws DataException {
    Optional<String> said = field(row, split);
    if (said.isEmpty() || !flagged) {
      return said;
    }
    return switch (said.get().toLowerCase(Locale.ROOT)) {
      case "true", "1", "1.0", "yes" -> Optional.of("test");
      case "false", "0", "0.0", "no" -> Optional.of("train");
      default ->
          throw new DataException(
              "%s: line %d: %s is '%s'; True or False is expected"
                  .formatted(
                      table.file(),
                      row.getStartingLineNumber(),
                      table.columns().get(split.getAsInt()),
                      Names.cut(said.get())));
    };
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public List<String> notes() {
    return notes;
  }
}
