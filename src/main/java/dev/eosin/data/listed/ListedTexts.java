package dev.eosin.data.listed;

import de.siegmar.fastcsv.reader.CsvRecord;
import dev.eosin.config.DataException;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.Names;
import dev.eosin.data.PackedNames;
import dev.eosin.data.settings.CsvSettings.Quotes;
import dev.eosin.data.settings.TableGuess;
import dev.eosin.data.tables.CsvTable;
import dev.eosin.file.AtomicFile;
import dev.eosin.text.Utf8Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/// Opens texts as rows without images: the lines of a file, or a column of a CSV or TSV table. A
/// row is named by the image that its text belongs to where the table has it, by its line
/// otherwise.
public final class ListedTexts {
  private static final Pattern TEXT =
      Pattern.compile("(?i)(caption|title|text|description|report|sentence|findings|prompt)s?");
  private static final Pattern IMAGE =
      Pattern.compile("(?i)(image|file|file[_-]?path|image[_-]?path|path|file[_-]?name|id)s?");

  private ListedTexts() {}

  /// @param columns of a table; those that are not named are guessed by their names
  /// @param text the column of the texts
  /// @throws DataException when the file cannot be read, a column is missing, or there is no text
  public static ListedImages open(Path file, ListedImages.Columns columns, Optional<String> text)
      throws DataException {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    boolean comma = name.endsWith(".csv");
    if (comma || name.endsWith(".tsv")) {
      return Table.open(file, comma ? ',' : '\t', columns, text);
    }
    if (!name.endsWith(".txt")) {
      throw new DataException(
          file
              + (Files.exists(file)
                  ? ": expected texts as the lines of a .txt file, or as a column of a .csv or .tsv table"
                  : ": no such file"));
    }
    return Lines.open(file);
  }

  private static DataException empty(Path file, long line) {
    return new DataException("%s: line %d: the text is empty".formatted(file, line));
  }

  private record Lines(Path file, PackedNames lines) implements ListedImages {
    static Lines open(Path file) throws DataException {
      PackedNames.Builder lines = new PackedNames.Builder();
      try {
        String all = Utf8Text.decode(file.toString(), Files.readAllBytes(file));
        for (String line : (Iterable<String>) all.lines()::iterator) {
          if (line.isBlank()) {
            throw empty(file, lines.count() + 1L);
          }
          lines.add(line.strip());
        }
      } catch (DataException e) {
        throw e;
      } catch (IOException e) {
        throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
      }
      if (lines.count() == 0) {
        throw new DataException(file + ": holds no text");
      }
      return new Lines(file, lines.build());
    }

    @Override
    public long size() {
      return lines.count();
    }

    @Override
    public ListedImage get(long index) {
      return row(
          "line " + (index + 1),
          lines.get(Math.toIntExact(index)),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
    }

    @Override
    public String fingerprint() {
      return lines.addTo(new Fingerprint().add("listed lines")).hex();
    }

    @Override
    public List<String> notes() {
      return List.of();
    }
  }

  private static ListedImage row(
      String path,
      String text,
      Optional<String> group,
      Optional<String> label,
      Optional<String> split,
      Optional<String> centre) {
    return new ListedImage(path, List.of(), Optional.of(text), group, label, split, centre);
  }

  /// Places of the columns.
  private record Places(
      int text,
      OptionalInt path,
      OptionalInt group,
      OptionalInt label,
      OptionalInt split,
      OptionalInt centre) {}

  private record Table(CsvTable table, Places places, String fingerprint, List<String> notes)
      implements ListedImages {
    static Table open(Path file, char separator, Columns named, Optional<String> textColumn)
        throws DataException {
      CsvTable table = CsvTable.open(file, separator, Quotes.DOUBLE);
      List<String> names = table.columns();
      Optional<TableGuess> guess = guess(file);
      String text =
          textColumn
              .or(() -> guess.flatMap(TableGuess::caption))
              .or(() -> names.stream().filter(TEXT.asMatchPredicate()).findFirst())
              .orElseThrow(
                  () ->
                      new DataException(
                          "%s: no column is named like one of texts; name it; the columns are %s"
                              .formatted(file, Names.of(names))));
      Optional<String> path =
          named
              .image()
              .or(() -> guess.map(TableGuess::image))
              .or(() -> names.stream().filter(IMAGE.asMatchPredicate()).findFirst());
      var columns =
          new Columns(
              path.filter(name -> !name.equals(text)),
              named.group().or(() -> TableGuess.namedGroup(names)),
              named
                  .label()
                  .or(() -> guess.flatMap(TableGuess::label))
                  .or(() -> TableGuess.namedLabel(names)),
              named.split().or(() -> TableGuess.namedSplit(names)),
              named.centre().or(() -> TableGuess.namedCentre(names)));
      if (table.rowCount() == 0) {
        throw new DataException(file + ": has no rows");
      }
      var places =
          new Places(
              ListedTable.place(table, Optional.of(text)).getAsInt(),
              ListedTable.place(table, columns.image()),
              ListedTable.place(table, columns.group()),
              ListedTable.place(table, columns.label()),
              ListedTable.place(table, columns.split()),
              ListedTable.place(table, columns.centre()));
      try {
        Fingerprint print = new Fingerprint().add("listed texts").add(text);
        return new Table(
            table,
            places,
            print.add(columns.pinned()).addFile(file).hex(),
            List.of(
                "%s: text '%s', image %s, label %s, group %s"
                    .formatted(
                        file,
                        Names.cut(text),
                        ListedTable.said(columns.image()),
                        ListedTable.said(columns.label()),
                        ListedTable.said(columns.group()))));
      } catch (DataException e) {
        throw e;
      } catch (IOException e) {
        throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
      }
    }

    /// As the images of the same table are guessed, where it names some.
    private static Optional<TableGuess> guess(Path file) {
      try {
        return Optional.of(TableGuess.named(file));
      } catch (DataException namesNoImages) {
        return Optional.empty();
      }
    }

    @Override
    public long size() {
      return table.rowCount();
    }

    @Override
    public ListedImage get(long index) throws DataException {
      CsvRecord row = ListedTable.row(table, index);
      String text = row.getField(places.text()).strip();
      if (text.isEmpty()) {
        throw empty(table.file(), row.getStartingLineNumber());
      }
      return row(
          field(row, places.path()).orElse("line " + row.getStartingLineNumber()),
          text,
          field(row, places.group()),
          field(row, places.label()),
          field(row, places.split()),
          field(row, places.centre()));
    }

    private static Optional<String> field(CsvRecord row, OptionalInt column) {
      return column.isEmpty()
          ? Optional.empty()
          : Optional.of(row.getField(column.getAsInt()).strip()).filter(value -> !value.isEmpty());
    }
  }
}
