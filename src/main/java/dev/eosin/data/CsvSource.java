package dev.eosin.data;

import de.siegmar.fastcsv.reader.CsvRecord;
import dev.eosin.config.DataException;
import dev.eosin.image.ImageDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The rows of a table. Memory holds four bytes a row: rows are read again when asked for.
final class CsvSource implements Source {
  private final CsvTable table;
  private final CsvLayout layout;
  private final Path images;
  private final List<String> templates;
  private final ImageDecoder decoder;
  private final int[] rows;
  private final Map<String, String> classTexts;
  private final MissingFiles missingFiles;
  private final String fingerprint;

  private CsvSource(
      CsvTable table,
      CsvLayout layout,
      CsvSettings settings,
      ImageDecoder decoder,
      CsvScan scan,
      String fingerprint) {
    this.table = table;
    this.layout = layout;
    this.images = imageFolder(settings);
    this.templates = settings.templates();
    this.decoder = decoder;
    this.rows = scan.rows();
    this.classTexts = classTexts(settings.classNames(), scan.labels());
    this.missingFiles = scan.missingFiles();
    this.fingerprint = fingerprint;
  }

  /// Reads the whole table once and checks each row.
  ///
  /// @throws DataException naming the columns, lines or labels at fault
  static CsvSource open(CsvSettings settings, ImageDecoder decoder) throws DataException {
    CsvTable table = CsvTable.open(settings.path(), settings.separator().charAt(0));
    CsvLayout layout = CsvLayout.of(table, settings);
    CsvScan scan = new CsvScan(table, layout, settings, imageFolder(settings));
    scan.run();
    return new CsvSource(table, layout, settings, decoder, scan, fingerprint(settings));
  }

  @Override
  public long size() {
    return rows.length;
  }

  @Override
  public Sample get(long index) {
    CsvRecord row = row(rows[Math.toIntExact(index)]);
    String image = row.getField(layout.image());
    Optional<String> label = CsvLayout.field(row, layout.label());
    List<String> captions =
        CsvLayout.field(row, layout.caption())
            .map(List::of)
            .orElseGet(() -> label.map(this::captionsOf).orElse(List.of()));
    return new Sample(
        image,
        EncodedImage.file(images.resolve(image), decoder),
        Caption.equal(captions),
        label,
        CsvLayout.field(row, layout.group()));
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public Map<String, String> classTexts() {
    return classTexts;
  }

  @Override
  public MissingFiles missingFiles() {
    return missingFiles;
  }

  private CsvRecord row(int index) {
    try {
      return table.row(index);
    } catch (DataException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> captionsOf(String label) {
    return ClassTemplates.fill(templates, classTexts.getOrDefault(label, label));
  }

  private static Path imageFolder(CsvSettings settings) {
    return settings.images().orElseGet(() -> settings.path().resolveSibling(""));
  }

  private static Map<String, String> classTexts(Map<String, String> named, Set<String> labels) {
    if (!named.isEmpty()) {
      return named;
    }
    Map<String, String> texts = new LinkedHashMap<>();
    labels.forEach(label -> texts.put(label, label));
    return Collections.unmodifiableMap(texts);
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
      throw new DataException(settings.path() + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
