package dev.eosin.data;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.ImageDecoder;
import java.io.IOException;
import java.util.List;

/// The rows of a CSV table. Memory holds four bytes a row: rows are read again when asked for.
final class CsvSource implements TableSource.Rows {
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
  static Source open(CsvSettings settings, ImageDecoder decoder) throws DataException {
    CsvTable table = CsvTable.open(settings.path(), settings.separator().charAt(0));
    CsvLayout layout = CsvLayout.of(table, settings);
    ImageFolder images = ImageFolder.of(settings.images(), settings.path(), decoder);
    RowRules rules = settings.rules();
    RowChecks checks = new RowChecks(rules, "line", images::has, images::place);
    RowFilter filter = new RowFilter(settings.where());
    CsvScan scan = new CsvScan(table, layout, filter, checks);
    scan.run();
    checks.throwIfAllMissing(table.file(), images);
    checks.throwIfAllEmpty(table.file());
    CsvSource rows = new CsvSource(table, layout, images, scan.rows());
    Reading reading =
        new Reading("%d rows of %s".formatted(table.rowCount(), table.file()), filter.passedOver())
            .with(scan.passedOver());
    return new TableSource(
        rows, rows.rows.length, rules, checks, fingerprint(settings), reading, List.of());
  }

  @Override
  public TableRow row(long index) throws DataException {
    return layout.read(table.row(rows[Math.toIntExact(index)]));
  }

  @Override
  public Sample.ImageReader image(long index, TableRow row) {
    return images.read(row.image());
  }

  private static String fingerprint(CsvSettings settings) throws DataException {
    try {
      return new Fingerprint()
          .add("csv")
          .add(settings.separator())
          .add(settings.columns().toString())
          .add(settings.where().toString())
          .addFile(settings.path())
          .hex();
    } catch (IOException e) {
      throw new DataException(settings.path() + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }
}
