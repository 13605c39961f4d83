package dev.eosin.data.tables;

import dev.eosin.config.DataException;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.Reading;
import dev.eosin.data.Refusals;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.data.settings.RowRules;
import dev.eosin.data.settings.SampleLists;
import dev.eosin.data.settings.TableGuess;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.List;

/// The rows of a CSV table. Memory holds four bytes a row: rows are read again when asked for.
public final class CsvSource implements TableSource.Rows {
  private final CsvTable table;
  private final CsvLayout layout;
  private final ImageFolder images;
  private final int[] rows;

  private CsvSource(CsvTable table, CsvLayout layout, ImageFolder images, int[] rows) {
    this.table = table;
    this.layout = layout;
    this.images = images;
    this.rows = rows;
  }

  /// Reads the whole table once and checks each row.
  ///
  /// @throws DataException naming the columns, lines or labels at fault
  public static Source open(CsvSettings settings, ImageDecoder decoder) throws DataException {
    return open(settings, decoder, Refusals.THROWN);
  }

  /// As above.
  ///
  /// @param refusals hears of rows that cannot be read; where it accepts them, they are left out
  public static Source open(CsvSettings settings, ImageDecoder decoder, Refusals refusals)
      throws DataException {
    CsvTable table =
        CsvTable.open(settings.path(), settings.separator().charAt(0), settings.quotes());
    CsvLayout layout = CsvLayout.of(table, settings);
    ImageFolder images = ImageFolder.of(settings.images(), settings.path(), decoder);
    RowRules rules = settings.rules();
    RowChecks checks =
        new RowChecks(table.file().toString(), rules, "line", images::has, images::place, refusals);
    RowFilter filter = new RowFilter(settings.where());
    SampleLists lists = SampleLists.open(settings.only(), settings.without());
    CsvScan scan =
        new CsvScan(
            table,
            layout,
            settings.separator(),
            field -> isImage(field, images),
            filter,
            lists,
            checks);
    scan.run();
    checks.throwIfAllMissing(table.file(), images);
    checks.throwIfAllEmpty(table.file());
    checks.throwIfAllFlawed();
    CsvSource rows = new CsvSource(table, layout, images, scan.rows());
    Reading reading =
        new Reading("%d rows of %s".formatted(table.rowCount(), table.file()), filter.passedOver())
            .with(lists.passedOver())
            .with(scan.passedOver());
    List<String> notes = new ArrayList<>(lists.notes());
    notes.addAll(scan.notes());
    return new TableSource(
        rows, rows.rows.length, rules, checks, fingerprint(settings, lists), reading, notes);
  }

  @Override
  public TableRow row(long index) throws DataException {
    return layout.read(table.row(rows[Math.toIntExact(index)]), problem -> {});
  }

  @Override
  public Sample.ImageReader image(long index, String name) {
    return images.read(name);
  }

  @Override
  public String textName(long index) {
    return "%s row %d".formatted(table.file().getFileName(), rows[Math.toIntExact(index)] + 1);
  }

  private static boolean isImage(String field, ImageFolder images) {
    try {
      return TableGuess.namesImage(field) || !field.isBlank() && images.hasFile(field);
    } catch (InvalidPathException noPath) {
      return false;
    }
  }

  /// What has its usual value does not enter, so that fingerprints outlive new settings.
  private static String fingerprint(CsvSettings settings, SampleLists lists) throws DataException {
    try {
      Fingerprint fingerprint =
          new Fingerprint()
              .add("csv")
              .add(settings.separator())
              .add(settings.columns().identity())
              .add(settings.where().toString())
              .addFile(settings.path());
      if (settings.quotes() == CsvSettings.Quotes.NONE) {
        fingerprint.add("quotes: none");
      }
      if (settings.captionLists()) {
        fingerprint.add("caption-lists");
      }
      return lists.addTo(fingerprint).hex();
    } catch (IOException e) {
      throw new DataException(settings.path() + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }
}
