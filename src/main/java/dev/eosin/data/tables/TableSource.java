package dev.eosin.data.tables;

import dev.eosin.config.DataException;
import dev.eosin.data.BadSamples;
import dev.eosin.data.Caption;
import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.Source;
import dev.eosin.data.settings.ClassTemplates;
import dev.eosin.data.settings.RowRules;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// The rows of a table as samples; a row is read again when it is asked for.
public final class TableSource implements Source {
  private final Rows rows;
  private final long size;
  private final List<String> templates;
  private final Map<String, String> classTexts;
  private final boolean captioned;
  private final long[] places;
  private final BadRowTally bad;
  private final Reading reading;
  private final String fingerprint;
  private final List<String> notes;

  /// The selected rows of an opened table. Thread safe.
  public interface Rows {
    /// The row at `index` among the selected ones.
    ///
    /// @throws DataException when it can no longer be read
    TableRow row(long index) throws DataException;

    /// An image of that row.
    ///
    /// @param name one of the row's images
    Sample.ImageReader image(long index, String name);

    /// Names a row without an image.
    ///
    /// @param index among the selected rows
    String textName(long index);
  }

  /// @param size number of selected rows
  /// @param checks of all of them
  /// @param reading what became no samples
  /// @param notes what a user should know of the table
  public TableSource(
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
    this.bad = checks.bad();
    this.reading = reading;
    this.fingerprint = fingerprint;
    List<String> repeated =
        checks.repeated().notes(checks.table(), checks.captioned(), index -> row(index).image());
    this.notes = Stream.of(notes, checks.notes(), repeated).flatMap(List::stream).toList();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Sample get(long index) {
    Objects.checkIndex(index, size);
    TableRow row = row(index);
    String key = row.images().isEmpty() ? rows.textName(index) : row.image();
    return new Sample(key, images(index, key, row), content(row), row.label(), row.group());
  }

  private TableRow row(long index) {
    try {
      return rows.row(index);
    } catch (DataException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A row without a caption, or with a flaw, is a bad row, whatever its images show.
  private List<Sample.ImageReader> images(long index, String key, TableRow row) {
    if (row.flaw().isPresent()) {
      return List.of(unreadable(bad.describe(index, row.flaw().get())));
    }
    if (captioned && row.captions().isEmpty()) {
      return List.of(unreadable(key + ": the caption is empty"));
    }
    return row.images().stream().map(name -> rows.image(index, name)).toList();
  }

  private static Sample.ImageReader unreadable(String reason) {
    return () -> {
      throw new DataException(reason);
    };
  }

  private SampleContent content(TableRow row) {
    return switch (row.content()) {
      case SampleContent.Captions _ -> new SampleContent.Captions(captions(row));
      case SampleContent.QuestionAnswer asked -> asked;
      case SampleContent.Conversation talk -> talk;
      case SampleContent.Document text -> text;
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
  public BadSamples badSamples() {
    return bad.all();
  }

  @Override
  public BadSamples badAmong(int[] indices) {
    return bad.among(indices, this::row);
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
