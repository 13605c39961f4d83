package dev.eosin.data.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.tables.RowChecks;
import dev.eosin.data.tables.RowFilter;
import dev.eosin.data.tables.TableRow;
import dev.eosin.data.tables.TableSource;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The records of a JSON file. Memory holds twelve bytes a record: records are read again when
/// asked for.
public final class JsonSource implements TableSource.Rows {
  private final JsonTable table;
  private final RecordIndex index;

  private JsonSource(JsonTable table, RecordIndex index) {
    this.table = table;
    this.index = index;
  }

  /// Reads the whole file once and checks each record.
  ///
  /// @throws DataException naming the line or records at fault
  public static Source open(JsonTable table) throws DataException {
    Path path = table.file().path();
    RowChecks checks =
        new RowChecks(
            path.toString(),
            table.rules(),
            table.file().unit(),
            table.images()::has,
            table.images()::place);
    RowFilter filter = new RowFilter(table.where());
    JsonScan scan =
        new JsonScan(
            table.mapping(),
            filter,
            (record, row) -> keeps(table, record, row),
            checks,
            table.leftOut().rows());
    table.file().scan(scan::add);
    table.lists().throwIfNoneKept(path, scan.count());
    RecordIndex index = scan.finish(path);
    checks.throwIfAllMissing(path, table.images());
    checks.throwIfAllEmpty(path);
    checks.throwIfAllFlawed();
    return new TableSource(
        new JsonSource(table, index),
        index.count(),
        table.rules(),
        checks,
        fingerprint(table, index),
        new Reading("%d records of %s".formatted(scan.recordCount(), path), filter.passedOver())
            .with(table.lists().passedOver())
            .with(leftOut(table, scan)),
        Stream.concat(leftOut(table, scan).stream(), table.lists().notes().stream()).toList());
  }

  @Override
  public TableRow row(long position) throws DataException {
    int record = Math.toIntExact(position);
    JsonNode node = table.file().read(index.start(record), index.length(record));
    return table.mapping().read(node, problem -> {});
  }

  @Override
  public Sample.ImageReader image(long position, String name) {
    return table.images().read(name);
  }

  @Override
  public String textName(long position) {
    return "%s record %d".formatted(table.file().path().getFileName(), position + 1);
  }

  private static boolean keeps(JsonTable table, JsonNode record, TableRow row) {
    return table.id().isPresent()
        ? table.lists().keepsId(JsonFields.text(JsonFields.at(record, table.id().get())).orElse(""))
        : table.lists().keepsImage(row.image());
  }

  private static List<String> leftOut(JsonTable table, JsonScan scan) {
    return scan.leftOutCount() == 0
        ? List.of()
        : List.of(
            "%s: %d records %s are left out"
                .formatted(table.file().path(), scan.leftOutCount(), table.leftOut().why()));
  }

  private static String fingerprint(JsonTable table, RecordIndex index) throws DataException {
    Path path = table.file().path();
    try {
      Fingerprint fingerprint = new Fingerprint().add(table.identity()).addFile(path);
      return index.addTo(fingerprint).hex();
    } catch (IOException e) {
      throw new DataException(path + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }
}
