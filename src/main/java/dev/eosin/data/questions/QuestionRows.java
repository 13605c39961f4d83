package dev.eosin.data.questions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.EncodedImage;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.Names;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.data.Source;
import dev.eosin.data.json.JsonFields;
import dev.eosin.data.json.JsonLines;
import dev.eosin.data.json.JsonQuestion;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.data.settings.QuestionFields;
import dev.eosin.data.settings.TableFiles;
import dev.eosin.data.tables.CsvTable;
import dev.eosin.data.tables.RowFlaw;
import dev.eosin.data.tables.RowQuestion;
import dev.eosin.data.tables.TableRow;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Questions to be answered, in a table that needs no settings: JSON lines, CSV or TSV with the
/// column `question`, and where they are known `id`, `image`, `answer` (what is right), `options`,
/// `type`, `fact` and `group`. Held in memory.
public final class QuestionRows implements Source {
  private static final Set<String> KNOWN =
      Set.of("id", "image", "question", "answer", "options", "type", "fact", "group");
  private static final QuestionFields FIELDS =
      new QuestionFields(
          "question",
          "answer",
          Optional.empty(),
          List.of("options"),
          Optional.of("type"),
          Optional.of("fact"));

  /// Stands for what a table for training needs and this one need not have.
  private static final String GIVEN = "-";

  private final Path file;
  private final Optional<ImageDecoder> images;
  private final List<Sample> samples = new ArrayList<>();
  private final Set<String> unread = new TreeSet<>();
  private int unseen;

  private QuestionRows(Path file, Optional<ImageDecoder> images) {
    this.file = file;
    this.images = images;
  }

  /// Reads a table.
  ///
  /// @param images reads pictures; empty where whoever answers sees none, so that they are left out
  /// @throws DataException naming the row and field, what was found and what was expected
  public static QuestionRows open(Path file, Optional<ImageDecoder> images) throws DataException {
    var rows = new QuestionRows(file, images);
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    TableFiles.checkText(file);
    if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
      JsonLines.scan(file, (record, line, start, length) -> rows.add(record, "line " + line));
    } else if (name.endsWith(".csv") || name.endsWith(".tsv")) {
      rows.addAll(
          CsvTable.open(file, name.endsWith(".csv") ? ',' : '\t', CsvSettings.Quotes.DOUBLE));
    } else {
      throw new DataException(
          file + ": expected a table that ends in .jsonl, .csv or .tsv, with a column 'question'");
    }
    if (rows.samples.isEmpty()) {
      throw new DataException(file + ": has no rows; each asks one question");
    }
    return rows;
  }

  private void addAll(CsvTable table) throws DataException {
    if (!table.columns().contains(FIELDS.question())) {
      throw new DataException(
          "%s: has no column 'question'; it has %s".formatted(file, Names.of(table.columns())));
    }
    for (long row = 0; row < table.rowCount(); row++) {
      List<String> fields = table.row(row).getFields();
      ObjectNode record = JsonNodeFactory.instance.objectNode();
      for (int i = 0; i < Math.min(fields.size(), table.columns().size()); i++) {
        record.put(table.columns().get(i), fields.get(i));
      }
      add(record, "row " + (row + 1));
    }
  }

  private void add(JsonNode record, String place) throws DataException {
    record
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!KNOWN.contains(name)) {
                unread.add(name);
              }
            });
    List<String> problems = new ArrayList<>();
    RowQuestion question = JsonQuestion.read(record, FIELDS, problems::add);
    if (!problems.isEmpty()) {
      throw new DataException("%s: %s: a row %s".formatted(file, place, problems.getFirst()));
    }
    QuestionAnswer content = content(question, place);
    String key =
        JsonFields.text(record.path("id"))
            .orElseGet(() -> "%s:%s".formatted(file.getFileName(), place.split(" ")[1]));
    samples.add(
        new Sample(
            key,
            pictures(record),
            content,
            Optional.empty(),
            JsonFields.text(record.path("group"))));
  }

  /// What is right need not be known.
  private QuestionAnswer content(RowQuestion row, String place) throws DataException {
    if (row.answer().isBlank() && !row.question().isBlank() && row.type().isBlank()) {
      Kind kind = row.options().isEmpty() ? Kind.OPEN : Kind.CHOICE;
      Optional<String> fact = Optional.of(row.fact().strip()).filter(text -> !text.isEmpty());
      return new QuestionAnswer(row.question().strip(), "", kind, row.options(), fact);
    }
    return switch (row.about(GIVEN)) {
      case TableRow.Said.Whole(QuestionAnswer whole) -> whole;
      case TableRow.Said.Whole(SampleContent other) -> throw new IllegalStateException("" + other);
      case TableRow.Said.Flawed(RowFlaw flaw) ->
          throw new DataException("%s: %s: %s".formatted(file, place, flaw.detail()));
    };
  }

  private List<Sample.ImageReader> pictures(JsonNode record) {
    List<String> names = new ArrayList<>();
    JsonNode value = record.path("image");
    if (value.isArray()) {
      value.forEach(each -> JsonFields.text(each).ifPresent(names::add));
    } else {
      JsonFields.text(value).ifPresent(names::add);
    }
    if (images.isEmpty()) {
      unseen += names.isEmpty() ? 0 : 1;
      return List.of();
    }
    Path folder = file.toAbsolutePath().resolveSibling("");
    List<Sample.ImageReader> readers = new ArrayList<>();
    names.forEach(
        name -> readers.add(EncodedImage.file(folder.resolve(name.strip()), images.get())));
    return readers;
  }

  @Override
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (unseen > 0) {
      notes.add(
          "%s: the pictures of %d of %d rows are left out: the model sees none"
              .formatted(file, unseen, samples.size()));
    }
    if (!unread.isEmpty()) {
      notes.add("%s: not read: %s".formatted(file, Names.of(List.copyOf(unread))));
    }
    return notes;
  }

  @Override
  public long size() {
    return samples.size();
  }

  @Override
  public Sample get(long index) {
    return samples.get(Math.toIntExact(index));
  }

  @Override
  public String fingerprint() {
    try {
      return new Fingerprint()
          .add("question rows")
          .add(images.isPresent() + "")
          .addFile(file)
          .hex();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
