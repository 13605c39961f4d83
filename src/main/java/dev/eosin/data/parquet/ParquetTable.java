package dev.eosin.data.parquet;

import dev.eosin.config.DataException;
import dev.eosin.data.Caption;
import dev.eosin.data.json.JsonFields;
import dev.eosin.data.settings.ParquetSettings;
import dev.eosin.data.tables.RowOptions;
import dev.eosin.data.tables.RowQuestion;
import dev.eosin.data.tables.TableRow;
import dev.eosin.text.CaptionText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.parquet.format.RowGroup;

/// Parquet files of one table and where each of their rows lies.
///
/// Pages that were read last stay in memory, up to [#CACHE_BYTES]. Thread safe.
final class ParquetTable {
  static final long CACHE_BYTES = 128L << 20;

  private static final long LARGE_PAGE_BYTES = 16L << 20;
  private static final int WHOLE_CHUNK = -1;
  private static final int REFERENCE_BYTES = 8;
  private static final int OBJECT_BYTES = 56;

  private final List<Group> groups;
  private final BoundedCache<Place, ParquetRun> pages = new BoundedCache<>(CACHE_BYTES / 4);
  private final BoundedCache<Place, ParquetRun> dictionaries = new BoundedCache<>(CACHE_BYTES / 2);
  private final BoundedCache<Place, List<List<String>>> texts = new BoundedCache<>(CACHE_BYTES / 4);

  /// A row group.
  ///
  /// @param firstRow in the whole table
  /// @param firstInFile the same row in its file
  /// @param columns the pages of each column that is read, by its index in the schema
  record Group(
      ParquetFile file,
      ParquetLayout layout,
      long firstRow,
      long firstInFile,
      int rows,
      Map<Integer, ParquetPages> columns) {}

  private record Place(int group, int column, int run) {}

  private ParquetTable(List<Group> groups) {
    this.groups = List.copyOf(groups);
  }

  /// Reads the footers and the page headers of all files.
  ///
  /// @throws DataException naming the file that is damaged or lacks a column
  static ParquetTable open(ParquetSettings settings) throws DataException {
    List<Group> groups = new ArrayList<>();
    long rows = 0;
    for (ParquetFile file : ParquetFiles.open(settings.path())) {
      ParquetLayout layout = ParquetLayout.of(file, settings);
      long first = rows;
      for (RowGroup group : file.rowGroups()) {
        if (group.getNum_rows() > 0) {
          int count = Math.toIntExact(group.getNum_rows());
          groups.add(
              new Group(file, layout, rows, rows - first, count, columns(file, layout, group)));
          rows += count;
        }
      }
    }
    return new ParquetTable(groups);
  }

  private static Map<Integer, ParquetPages> columns(
      ParquetFile file, ParquetLayout layout, RowGroup group) throws DataException {
    Map<Integer, ParquetPages> columns = new HashMap<>();
    for (int column : layout.columns()) {
      try {
        columns.put(
            column,
            new ParquetIndexer(
                    file,
                    group.getColumns().get(column).getMeta_data(),
                    file.schema().leaves().get(column))
                .index(group.getNum_rows()));
      } catch (IOException | RuntimeException e) {
        // The Thrift reader answers damage with both kinds of exceptions.
        throw ParquetFile.damaged(file.path(), e);
      }
    }
    return columns;
  }

  List<Group> groups() {
    return groups;
  }

  long fileCount() {
    return groups.stream().map(Group::file).distinct().count();
  }

  long rowCount() {
    return groups.isEmpty() ? 0 : groups.getLast().firstRow() + groups.getLast().rows();
  }

  /// The index of the row group that holds a row of the table.
  int groupOf(long row) {
    int low = 0;
    int high = groups.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) / 2;
      if (groups.get(middle).firstRow() <= row) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /// What names a row's image: its path, or the file and the row.
  ///
  /// @param row in the row group
  /// @throws DataException when the file is damaged or has changed
  String imageName(int group, int row) throws DataException {
    Group place = groups.get(group);
    return place.layout().embedded()
        ? "%s row %d".formatted(place.file().path().getFileName(), place.firstInFile() + row + 1)
        : text(group, place.layout().image(), row);
  }

  /// @param row in the row group
  /// @param problem is told of weights that are none
  /// @throws DataException when the file is damaged or has changed
  List<Caption> captions(int group, int row, Consumer<String> problem) throws DataException {
    ParquetLayout layout = groups.get(group).layout();
    if (layout.caption().isEmpty()) {
      return List.of();
    }
    List<String> words = texts(group, layout.caption().get(), row);
    List<String> weights =
        layout.weight().isPresent() ? texts(group, layout.weight().get(), row) : List.of();
    List<Caption> captions = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      double weight = i < weights.size() ? weight(weights.get(i)) : 1;
      if (!(weight > 0) || Double.isInfinite(weight)) {
        problem.accept(JsonFields.NOT_A_WEIGHT);
      } else if (!CaptionText.isEmpty(words.get(i))) {
        captions.add(new Caption(CaptionText.of(words.get(i)), weight));
      }
    }
    return captions;
  }

  /// What a row holds: its captions, or its question.
  ///
  /// @param row in the row group
  /// @param problem is told what is wrong with it; completes "3 rows ..."
  /// @throws DataException when the file is damaged or has changed
  TableRow row(
      int group, int row, Optional<String> label, Optional<String> slide, Consumer<String> problem)
      throws DataException {
    String image = imageName(group, row);
    Optional<ParquetLayout.Questions> questions = groups.get(group).layout().questions();
    return questions.isPresent()
        ? TableRow.of(
            TableRow.named(image),
            question(group, row, questions.get(), problem).about(image),
            label,
            slide)
        : new TableRow(image, captions(group, row, problem), label, slide);
  }

  private RowQuestion question(
      int group, int row, ParquetLayout.Questions columns, Consumer<String> problem)
      throws DataException {
    return new RowQuestion(
        columns.names(),
        text(group, columns.question(), row),
        text(group, columns.answer(), row),
        field(group, columns.closedAnswer(), row).orElse(""),
        options(group, row, columns.options(), problem),
        field(group, columns.type(), row).orElse(""),
        field(group, columns.fact(), row).orElse(""));
  }

  private List<String> options(int group, int row, List<Integer> columns, Consumer<String> problem)
      throws DataException {
    if (columns.size() == 1 && pages(group, columns.getFirst()).leaf().isRepeated()) {
      return texts(group, columns.getFirst(), row);
    }
    List<String> texts = new ArrayList<>();
    for (int column : columns) {
      texts.add(text(group, column, row));
    }
    return RowOptions.of(texts, problem);
  }

  private static double weight(String text) {
    try {
      return text.isBlank() ? 1 : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /// @param column that the table may not have
  /// @param row in the row group
  /// @return empty where the row has it blank
  /// @throws DataException when the file is damaged or has changed
  Optional<String> field(int group, Optional<Integer> column, int row) throws DataException {
    return column.isEmpty()
        ? Optional.empty()
        : Optional.of(text(group, column.get(), row)).filter(text -> !text.isBlank());
  }

  /// The value of a column that does not repeat; an absent one is an empty text.
  ///
  /// @param row in the row group
  /// @throws DataException when the file is damaged or has changed
  String text(int group, int column, int row) throws DataException {
    return texts(group, column, row).getFirst();
  }

  private List<String> texts(int group, int column, int row) throws DataException {
    ParquetPages found = pages(group, column);
    int run = found.runOf(row);
    Place place = new Place(group, column, run);
    var held = texts.get(place);
    List<List<String>> rows = held.isPresent() ? held.get() : decode(place);
    int inside = row - found.runs().get(run).firstRow();
    if (inside >= rows.size()) {
      throw ParquetFile.damaged(
          groups.get(group).file().path(), "column %s is too short".formatted(found.leaf().name()));
    }
    return rows.get(inside);
  }

  private List<List<String>> decode(Place place) throws DataException {
    ParquetPages found = pages(place.group(), place.column());
    try {
      List<List<String>> rows = unpacked(place).texts(found.leaf());
      texts.put(place, rows, memory(rows));
      return rows;
    } catch (IOException | RuntimeException e) {
      throw ParquetFile.damaged(groups.get(place.group()).file().path(), e);
    }
  }

  /// About how many bytes the rows take, those that are one object once.
  private static long memory(List<List<String>> rows) {
    Set<List<String>> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
    long bytes = (long) REFERENCE_BYTES * rows.size();
    for (List<String> row : rows) {
      if (distinct.add(row)) {
        bytes += row.stream().mapToLong(text -> OBJECT_BYTES + text.length()).sum() + OBJECT_BYTES;
      }
    }
    return bytes;
  }

  /// The bytes in a row of a column.
  ///
  /// @param row in the row group
  /// @throws DataException when there are none, or the file is damaged or has changed
  byte[] bytes(int group, int column, int row) throws DataException {
    ParquetPages found = pages(group, column);
    int run = found.runOf(row);
    Place place = new Place(group, column, run);
    try {
      return unpacked(place).bytes(found.leaf(), row - found.runs().get(run).firstRow());
    } catch (IOException | RuntimeException e) {
      throw ParquetFile.damaged(groups.get(group).file().path(), e);
    }
  }

  private ParquetRun unpacked(Place place) throws IOException {
    ParquetPages found = pages(place.group(), place.column());
    Place chunk = new Place(place.group(), place.column(), WHOLE_CHUNK);
    ParquetRun words = kept(dictionaries, chunk, found::unpackDictionary);
    return kept(pages, place, () -> found.unpack(found.runs().get(place.run()))).with(words);
  }

  /// Unpacks pages that are not in memory.
  private interface Unpacking {
    ParquetRun run() throws IOException;
  }

  private static ParquetRun kept(
      BoundedCache<Place, ParquetRun> cache, Place place, Unpacking unpacking) throws IOException {
    Optional<ParquetRun> held = cache.get(place);
    if (held.isPresent()) {
      return held.get();
    }
    ParquetRun unpacked = unpacking.run();
    cache.put(place, unpacked, unpacked.bytes());
    return unpacked;
  }

  /// What a user should know of the images' pages.
  List<String> notes() {
    long largest = 0;
    for (Group group : groups) {
      if (group.layout().embedded()) {
        largest = Math.max(largest, images(group).largestPageBytes());
      }
    }
    return largest <= LARGE_PAGE_BYTES
        ? List.of()
        : List.of(
            "its pages hold up to %d MiB of images, and one is unpacked for each image read in"
                    .formatted(largest >> 20)
                + " random order; pyarrow's use_dictionary=False, write_batch_size=8 make them"
                + " small");
  }

  private static ParquetPages images(Group group) {
    return Objects.requireNonNull(group.columns().get(group.layout().image()));
  }

  /// Where the pages of a row group's images lie, which changes with the images.
  String describeImages(Group group) {
    StringBuilder places = new StringBuilder();
    for (ParquetPages.Run run : images(group).runs()) {
      run.pages()
          .forEach(page -> places.append(page.start()).append('-').append(page.end()).append(' '));
    }
    return places.toString();
  }

  private ParquetPages pages(int group, int column) {
    return Objects.requireNonNull(groups.get(group).columns().get(column));
  }
}
