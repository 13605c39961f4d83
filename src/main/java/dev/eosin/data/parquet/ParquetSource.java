package dev.eosin.data.parquet;

import dev.eosin.config.DataException;
import dev.eosin.data.EncodedImage;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.settings.ParquetSettings;
import dev.eosin.data.settings.RowRules;
import dev.eosin.data.settings.SampleLists;
import dev.eosin.data.tables.ImageFolder;
import dev.eosin.data.tables.RowChecks;
import dev.eosin.data.tables.RowFilter;
import dev.eosin.data.tables.TableRow;
import dev.eosin.data.tables.TableSource;
import dev.eosin.image.formats.ImageDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The rows of Parquet files. An image or a caption is read by the page that holds it, not by its
/// row group; memory holds where the pages lie, labels and groups once each, and twelve bytes a
/// row.
public final class ParquetSource implements TableSource.Rows {
  private final ParquetTable table;
  private final ParquetScan.Selected rows;
  private final ImageFolder images;

  private ParquetSource(ParquetTable table, ParquetScan.Selected rows, ImageFolder images) {
    this.table = table;
    this.rows = rows;
    this.images = images;
  }

  /// Reads every column but the images once and checks each row.
  ///
  /// @throws DataException naming the file, columns or rows at fault
  public static Source open(ParquetSettings settings, ImageDecoder decoder) throws DataException {
    ParquetTable table = ParquetTable.open(settings);
    ImageFolder images = ImageFolder.of(settings.images(), imageHome(settings), decoder);
    RowRules rules = settings.rules();
    boolean embedded = !table.groups().isEmpty() && table.groups().getFirst().layout().embedded();
    RowChecks checks =
        new RowChecks(
            settings.path().toString(),
            rules,
            "row",
            image -> embedded || images.has(image),
            images::place);
    RowFilter filter = new RowFilter(settings.where());
    List<String> others = ParquetFiles.others(settings.path());
    SampleLists lists = SampleLists.open(settings.only(), settings.without());
    Fingerprint fingerprint = fingerprint(settings, table);
    ParquetScan.Selected rows = new ParquetScan(table, filter, lists, checks, fingerprint).run();
    lists.throwIfNoneKept(settings.path(), rows.count());
    checks.throwIfFaulty(settings.path());
    if (rows.count() == 0) {
      throw new DataException(
          settings.path()
              + ": "
              + (table.rowCount() == 0 ? "holds no rows" : filter.describeMismatch()));
    }
    checks.throwIfAllMissing(settings.path(), images);
    checks.throwIfAllEmpty(settings.path());
    checks.throwIfAllFlawed();
    return new TableSource(
        new ParquetSource(table, rows, images),
        rows.count(),
        rules,
        checks,
        fingerprint.hex(),
        new Reading(
                "%d rows of %d files of %s"
                    .formatted(table.rowCount(), table.fileCount(), settings.path()),
                filter.passedOver())
            .with(lists.passedOver())
            .with(others),
        Stream.of(
                table.notes().stream().map(note -> settings.path() + ": " + note),
                lists.notes().stream(),
                others.stream().map(line -> line + "; passed over"))
            .flatMap(lines -> lines)
            .toList());
  }

  private static Path imageHome(ParquetSettings settings) {
    return Files.isDirectory(settings.path()) ? settings.path().resolve("table") : settings.path();
  }

  @Override
  public TableRow row(long index) throws DataException {
    long row = rows.row(index);
    int group = table.groupOf(row);
    ParquetTable.Group place = table.groups().get(group);
    int inside = (int) (row - place.firstRow());
    return table.row(group, inside, rows.label(index), rows.group(index), problem -> {});
  }

  @Override
  public Sample.ImageReader image(long index, String name) {
    long position = rows.row(index);
    int group = table.groupOf(position);
    ParquetTable.Group place = table.groups().get(group);
    if (!place.layout().embedded()) {
      return images.read(name);
    }
    int inside = (int) (position - place.firstRow());
    return new EncodedImage(
        name, () -> table.bytes(group, place.layout().image(), inside), images.decoder());
  }

  @Override
  public String textName(long index) {
    return "row %d".formatted(rows.row(index) + 1);
  }

  /// The images enter with the places of their pages: their bytes may be too many to read.
  private static Fingerprint fingerprint(ParquetSettings settings, ParquetTable table) {
    Fingerprint fingerprint = new Fingerprint();
    fingerprint.add("parquet %s %s".formatted(settings.columns().identity(), settings.where()));
    for (ParquetTable.Group group : table.groups()) {
      fingerprint.add(table.describeImages(group));
    }
    return fingerprint;
  }
}
