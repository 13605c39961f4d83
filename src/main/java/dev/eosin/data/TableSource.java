package dev.eosin.data;

import dev.eosin.config.DataException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The rows of a table as samples; a row is read again when it is asked for.
final class TableSource implements Source {
  private final Rows rows;
  private final long size;
  private final List<String> templates;
  private final Map<String, String> classTexts;
  private final boolean captioned;
  private final long[] places;
  private final MissingFiles missingFiles;
  private final EmptyCaptions emptyCaptions;
  private final Reading reading;
  private final String fingerprint;
  private final List<String> notes;

  /// The selected rows of an opened table. Thread safe.
  interface Rows {
    /// The row at `index` among the selected ones.
    ///
    /// @throws DataException when it can no longer be read
    TableRow row(long index) throws DataException;

    /// The image of that row.
    Sample.ImageReader image(long index, TableRow row);
  }

  /// @param size number of selected rows
  /// @param checks of all of them
  /// @param reading what became no samples
  /// @param notes what a user should know of the table
  TableSource(
      Rows rows,
      long size,
      RowRules rules,
      RowChecks checks,
      String fingerprint,
      Reading reading,
      List<String> notes) {
    this.rows = rows;
    this.size = size;
    this.templates = rules.templates();
    this.classTexts = rules.classTexts(checks.labels());
    this.captioned = rules.captions();
    this.places = checks.places();
    this.missingFiles = checks.missingFiles();
    this.emptyCaptions = checks.emptyCaptions();
    this.reading = reading;
    this.fingerprint = fingerprint;
    this.notes = List.copyOf(notes);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Sample get(long index) {
    Objects.checkIndex(index, size);
    try {
      TableRow row = rows.row(index);
      Sample.ImageReader image =
          captioned && row.captions().isEmpty() ? captionless(row.image()) : rows.image(index, row);
      return new Sample(row.image(), image, captions(row), row.label(), row.group());
    } catch (DataException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A row without a caption is a bad row, whatever its image shows.
  private static Sample.ImageReader captionless(String key) {
    return () -> {
      throw new DataException(key + ": the caption is empty");
    };
  }

  private List<Caption> captions(TableRow row) {
    if (!row.captions().isEmpty() || row.label().isEmpty()) {
      return row.captions();
    }
    String label = row.label().get();
    String text = classTexts.getOrDefault(label, label);
    return Caption.equal(ClassTemplates.fill(templates, text));
  }

  @Override
  public long place(long index) {
    return places[Math.toIntExact(index)];
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

  @Override
  public EmptyCaptions emptyCaptions() {
    return emptyCaptions;
  }

  @Override
  public Reading reading() {
    return reading;
  }

  @Override
  public List<String> notes() {
    return notes;
  }
}
