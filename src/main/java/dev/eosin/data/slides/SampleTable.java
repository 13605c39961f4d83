package dev.eosin.data.slides;

import de.siegmar.fastcsv.reader.CsvRecord;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeFile;
import dev.eosin.config.Tree;
import dev.eosin.data.Names;
import dev.eosin.data.settings.CsvSettings.Quotes;
import dev.eosin.data.tables.CsvTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Slides or patients with what is to be told of them, and on which side of each of several folds
/// they are: a CSV or TSV of one's own, or a split file of Patho-Bench's as it is (`k=all.tsv` with
/// the columns `fold_0`, `fold_1`, ... that say train, val or test, and its `config.yaml`).
///
/// @param file the table
/// @param samples in the order in which they come first
/// @param folds names of the columns that say the sides; none where the table says nothing
public record SampleTable(Path file, List<Entry> samples, List<String> folds) {
  private static final String FOLD = "fold_";
  private static final String SLIDE = "slide_id";

  /// Which side of a fold.
  public enum Side {
    TRAIN,
    VALIDATION,
    TEST,
    /// Not in this fold.
    NONE
  }

  /// A slide or patient.
  ///
  /// @param id text, also where it looks like a number
  /// @param slides one or several, in the order of the table
  /// @param values what the table says of it, by column
  /// @param sides one for each fold
  public record Entry(
      String id, List<String> slides, Map<String, String> values, List<Side> sides) {
    public Entry {
      slides = List.copyOf(slides);
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
      sides = List.copyOf(sides);
    }
  }

  /// Which columns hold what.
  ///
  /// @param sample what is told apart: a slide or a patient
  /// @param slide the slides' ids; that of the sample where there is no such column
  /// @param values that must not differ within a sample
  /// @param folds columns of sides; those called `fold_0`, ... where none are named
  public record Columns(
      String sample, Optional<String> slide, List<String> values, List<String> folds) {
    public Columns {
      values = List.copyOf(values);
      folds = List.copyOf(folds);
    }
  }

  /// What a `config.yaml` of Patho-Bench's says.
  ///
  /// @param columns of the table beside it
  /// @param label the column that is to be told
  /// @param names of the labels by what the table has for them; empty where it has the names
  public record PathoBench(Columns columns, String label, Map<String, String> names) {
    public PathoBench {
      names = Collections.unmodifiableMap(new LinkedHashMap<>(names));
    }

    /// Reads it; keys besides `sample_col`, `task_col`, `extra_cols` and `label_dict` are left
    /// alone.
    ///
    /// @throws DataException when one of the first two is missing
    /// @throws dev.eosin.config.RecipeException when it is no YAML
    public static PathoBench read(Path config) throws DataException {
      Tree.Mapping root = RecipeFile.read(config, List.of()).root();
      String sample = required(config, root, "sample_col");
      String label = required(config, root, "task_col");
      List<String> values = new ArrayList<>(List.of(label));
      if (child(root, "extra_cols") instanceof Tree.Sequence extra) {
        extra.items().forEach(item -> text(item).ifPresent(values::add));
      }
      Map<String, String> names = new LinkedHashMap<>();
      if (child(root, "label_dict") instanceof Tree.Mapping labels) {
        labels
            .entries()
            .forEach((key, entry) -> text(entry.value()).ifPresent(v -> names.put(key, v)));
      }
      Optional<String> slide = sample.equals(SLIDE) ? Optional.empty() : Optional.of(SLIDE);
      return new PathoBench(new Columns(sample, slide, values, List.of()), label, names);
    }

    private static Tree child(Tree.Mapping root, String key) {
      Tree.Entry entry = root.entries().get(key);
      return entry == null ? root : entry.value();
    }

    private static Optional<String> text(Tree value) {
      return value instanceof Tree.Scalar scalar && !value.isNull()
          ? Optional.of(scalar.text())
          : Optional.empty();
    }

    private static String required(Path config, Tree.Mapping root, String key)
        throws DataException {
      return text(child(root, key))
          .orElseThrow(
              () ->
                  new DataException(
                      "%s: has no %s; a config.yaml of Patho-Bench's names it, for example %s: case_id"
                          .formatted(config, key, key)));
    }
  }

  public SampleTable {
    samples = List.copyOf(samples);
    folds = List.copyOf(folds);
  }

  /// Reads a table.
  ///
  /// @throws DataException when it cannot be read, lacks a column, or says different things of one
  ///   sample, naming both lines
  public static SampleTable read(Path file, Columns columns) throws DataException {
    boolean tabs = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".tsv");
    CsvTable table = CsvTable.open(file, tabs ? '\t' : ',', Quotes.DOUBLE);
    List<String> folds = columns.folds().isEmpty() ? found(table.columns()) : columns.folds();
    Map<String, Read> read = new LinkedHashMap<>();
    for (long index = 0; index < table.rowCount(); index++) {
      CsvRecord row = table.row(index);
      long line = row.getStartingLineNumber();
      if (row.getFieldCount() != table.columns().size()) {
        throw new DataException(
            "%s: line %d has %d fields, the header %d"
                .formatted(file, line, row.getFieldCount(), table.columns().size()));
      }
      String id = field(file, table, row, columns.sample());
      if (id.isEmpty()) {
        throw new DataException("%s: line %d has no %s".formatted(file, line, columns.sample()));
      }
      Map<String, String> values = new TreeMap<>();
      for (String column : columns.values()) {
        values.put(column, field(file, table, row, column));
      }
      for (String fold : folds) {
        values.put(fold, field(file, table, row, fold));
      }
      String slide =
          columns.slide().isPresent() ? field(file, table, row, columns.slide().get()) : id;
      Read before = read.get(id);
      if (before == null) {
        before = new Read(line, values, new LinkedHashSet<>());
        read.put(id, before);
      }
      before.requireSame(file, id, line, values);
      if (!before.slides().add(slide)) {
        throw new DataException(
            "%s: line %d: the slide %s of %s comes twice".formatted(file, line, slide, id));
      }
    }
    List<Entry> samples = new ArrayList<>();
    for (Map.Entry<String, Read> each : read.entrySet()) {
      samples.add(each.getValue().entry(file, each.getKey(), folds));
    }
    if (samples.isEmpty()) {
      throw new DataException(file + ": has no row");
    }
    return new SampleTable(file, samples, folds);
  }

  private static List<String> found(List<String> columns) {
    return columns.stream().filter(name -> name.matches(FOLD + "\\d+")).toList();
  }

  private static String field(Path file, CsvTable table, CsvRecord row, String column)
      throws DataException {
    int place = table.columns().indexOf(column);
    if (place < 0) {
      throw new DataException(
          "%s: has no column '%s'; it has %s"
              .formatted(file, Names.cut(column), Names.of(table.columns())));
    }
    return row.getField(place).strip();
  }

  /// What the lines of a sample say.
  private record Read(long line, Map<String, String> values, LinkedHashSet<String> slides) {
    void requireSame(Path file, String id, long other, Map<String, String> said)
        throws DataException {
      for (Map.Entry<String, String> value : values.entrySet()) {
        if (!value.getValue().equals(said.get(value.getKey()))) {
          throw new DataException(
              "%s: lines %d and %d are both of %s, and %s is '%s' and '%s'; one sample has one label and is on one side"
                  .formatted(
                      file,
                      line,
                      other,
                      id,
                      value.getKey(),
                      value.getValue(),
                      said.get(value.getKey())));
        }
      }
    }

    Entry entry(Path file, String id, List<String> folds) throws DataException {
      List<Side> sides = new ArrayList<>();
      for (String fold : folds) {
        sides.add(side(file, fold, values.getOrDefault(fold, "")));
      }
      return new Entry(id, List.copyOf(slides), values, sides);
    }

    private Side side(Path file, String fold, String said) throws DataException {
      return switch (said.toLowerCase(Locale.ROOT)) {
        case "train", "training" -> Side.TRAIN;
        case "val", "validation", "valid", "dev" -> Side.VALIDATION;
        case "test", "testing" -> Side.TEST;
        case "" -> Side.NONE;
        default ->
            throw new DataException(
                "%s: line %d: %s is '%s'; train, val or test is expected"
                    .formatted(file, line, fold, Names.cut(said)));
      };
    }
  }
}
