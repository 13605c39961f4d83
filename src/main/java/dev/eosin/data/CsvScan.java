package dev.eosin.data;

import de.siegmar.fastcsv.reader.CsvRecord;
import dev.eosin.config.DataException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// One pass over a table when it is opened: selects rows and checks each of them.
final class CsvScan {
  private static final int SHOWN = 3;
  private static final int VALUES_SHOWN = 20;

  private final CsvTable table;
  private final CsvLayout layout;
  private final CsvSettings settings;
  private final Path images;
  private final RowProblems problems = new RowProblems();
  private final Set<String> labels = new TreeSet<>();
  private final Map<Integer, Set<String>> valuesSeen = new TreeMap<>();
  private final List<String> firstMissing = new ArrayList<>();
  private long missing;
  private int[] selected = new int[1_024];
  private int count;

  CsvScan(CsvTable table, CsvLayout layout, CsvSettings settings, Path images) {
    this.table = table;
    this.layout = layout;
    this.settings = settings;
    this.images = images;
    layout.where().keySet().forEach(column -> valuesSeen.put(column, new TreeSet<>()));
  }

  /// @throws DataException naming the lines of faulty rows, or when no row or no image is left
  void run() throws DataException {
    for (int index = 0; index < table.rowCount(); index++) {
      CsvRecord row = table.row(index);
      if (isEmptyLine(row)) {
        continue;
      }
      if (row.getFieldCount() != layout.width()) {
        problems.add(
            "with another number of fields than the header's " + layout.width(),
            row.getStartingLineNumber());
      } else if (select(row)) {
        check(row);
        append(index);
      }
    }
    problems.throwIfAny(table.file());
    throwIfNothingLeft();
  }

  /// The selected rows' indices in the table.
  int[] rows() {
    return Arrays.copyOf(selected, count);
  }

  /// The labels of the selected rows, sorted.
  Set<String> labels() {
    return labels;
  }

  MissingFiles missingFiles() {
    return new MissingFiles(missing, firstMissing);
  }

  private static boolean isEmptyLine(CsvRecord row) {
    return row.getFieldCount() == 1 && row.getField(0).isEmpty();
  }

  private boolean select(CsvRecord row) {
    valuesSeen.forEach(
        (column, values) -> {
          if (values.size() < VALUES_SHOWN) {
            values.add(row.getField(column));
          }
        });
    return layout.selects(row);
  }

  private void check(CsvRecord row) {
    long line = row.getStartingLineNumber();
    if (layout.caption().isPresent() && CsvLayout.field(row, layout.caption()).isEmpty()) {
      problems.add("with an empty caption", line);
    }
    if (layout.group().isPresent() && CsvLayout.field(row, layout.group()).isEmpty()) {
      problems.add("with an empty group", line);
    }
    if (layout.label().isPresent()) {
      checkLabel(CsvLayout.field(row, layout.label()), line);
    }
    checkImage(row.getField(layout.image()), line);
  }

  private void checkLabel(Optional<String> label, long line) {
    if (label.isEmpty()) {
      problems.add("with an empty label", line);
      return;
    }
    labels.add(label.get());
    if (!settings.classNames().isEmpty() && !settings.classNames().containsKey(label.get())) {
      problems.add("with the label '%s', which class-names lacks".formatted(label.get()), line);
    }
  }

  private void checkImage(String image, long line) {
    if (image.isBlank()) {
      problems.add("without an image path", line);
      return;
    }
    try {
      noteIfMissing(image);
    } catch (InvalidPathException e) {
      problems.add("with an image path with characters that no path may have", line);
    }
  }

  private void noteIfMissing(String image) {
    if (!Files.exists(images.resolve(image))) {
      missing++;
      if (firstMissing.size() < SHOWN) {
        firstMissing.add(image);
      }
    }
  }

  private void append(int index) {
    if (count == selected.length) {
      selected = Arrays.copyOf(selected, 2 * count);
    }
    selected[count++] = index;
  }

  private void throwIfNothingLeft() throws DataException {
    if (count == 0) {
      throw new DataException(
          table.rowCount() == 0
              ? table.file() + ": the table has a header but no rows"
              : "%s: no row has %s%s".formatted(table.file(), settings.where(), describeValues()));
    }
    if (missing == count) {
      throw new DataException(
          "%s: none of the %d images exists under %s, for example %s; set 'images' to the folder"
                  .formatted(table.file(), count, images.toAbsolutePath(), firstMissing.getFirst())
              + " that the paths start from");
    }
  }

  private String describeValues() {
    StringBuilder text = new StringBuilder();
    valuesSeen.forEach(
        (column, values) ->
            text.append("; %s is one of %s".formatted(table.columns().get(column), values)));
    return text.toString();
  }
}
