package dev.eosin.data.parquet;

import dev.eosin.config.DataException;
import dev.eosin.data.Names;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.parquet.format.RowGroup;

/// The rows of Parquet files in their order, every column as a text. Memory holds a page of each
/// column. Used by one thread; close it.
public final class ParquetTexts implements AutoCloseable {
  private final Path path;
  private final List<ParquetFile> files;
  private final List<String> columns;
  private int file;
  private int group;
  private List<Cells> cells = List.of();
  private long left;
  private long row;

  private ParquetTexts(Path path, List<ParquetFile> files) {
    this.path = path;
    this.files = List.copyOf(files);
    this.columns =
        files.getFirst().schema().leaves().stream().map(ParquetSchema.Leaf::name).toList();
  }

  /// Reads the footers.
  ///
  /// @param path a file, a folder of `*.parquet` files, or a pattern in the last name
  /// @throws DataException when there is none, one is damaged, files differ in their columns, or a
  ///   column is no single text or number
  public static ParquetTexts open(Path path) throws DataException {
    var texts = new ParquetTexts(path, ParquetFiles.open(path));
    for (ParquetFile file : texts.files) {
      List<String> names = file.schema().leaves().stream().map(ParquetSchema.Leaf::name).toList();
      if (!names.equals(texts.columns)) {
        throw new DataException(
            "%s: has the columns %s, the first file %s; prepare them one by one"
                .formatted(file.path(), Names.of(names), Names.of(texts.columns)));
      }
      for (ParquetSchema.Leaf leaf : file.schema().leaves()) {
        if (leaf.isRepeated() || !isText(leaf)) {
          throw new DataException(
              "%s: column '%s' holds %s; expected a text or a number in each row; name the data as a source of type: parquet, or leave the column out of the file"
                  .formatted(
                      file.path(),
                      Names.cut(leaf.name()),
                      leaf.isRepeated() ? "lists" : "bytes that are not declared as text"));
        }
      }
    }
    return texts;
  }

  private static boolean isText(ParquetSchema.Leaf leaf) {
    return switch (leaf.type()) {
      case BINARY -> leaf.text();
      case INT32, INT64, BOOLEAN, FLOAT, DOUBLE -> true;
      case INT96, FIXED_LEN_BYTE_ARRAY -> false;
    };
  }

  /// The names of the columns, in the file's order.
  public List<String> columns() {
    return columns;
  }

  /// The next row; what it lacks is empty. Empty after the last row.
  ///
  /// @throws DataException when the file is damaged
  public Optional<Map<String, String>> next() throws DataException {
    while (left == 0) {
      if (file == files.size()) {
        return Optional.empty();
      }
      open();
    }
    left--;
    row++;
    Map<String, String> fields = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      fields.put(columns.get(i), cells.get(i).next());
    }
    return Optional.of(fields);
  }

  private void open() throws DataException {
    ParquetFile current = files.get(file);
    if (group == current.rowGroups().size()) {
      file++;
      group = 0;
      return;
    }
    RowGroup rows = current.rowGroups().get(group++);
    List<Cells> opened = new ArrayList<>();
    try {
      for (int column = 0; rows.getNum_rows() > 0 && column < columns.size(); column++) {
        ParquetSchema.Leaf leaf = current.schema().leaves().get(column);
        ParquetPages pages =
            new ParquetIndexer(current, rows.getColumns().get(column).getMeta_data(), leaf)
                .index(rows.getNum_rows());
        opened.add(new Cells(pages, pages.unpackDictionary(), pages.runs().iterator()));
      }
    } catch (IOException | RuntimeException e) {
      // The Thrift reader answers damage with both kinds of exceptions.
      throw ParquetFile.damaged(current.path(), e);
    }
    cells = opened;
    left = rows.getNum_rows();
  }

  /// The number of the last row, counted from 1.
  public long row() {
    return row;
  }

  @Override
  public void close() throws DataException {
    try {
      for (ParquetFile each : files) {
        each.channel().close();
      }
    } catch (IOException e) {
      throw ParquetFile.damaged(path, e);
    }
  }

  /// The values of one column of a row group.
  private static final class Cells {
    private final ParquetPages pages;
    private final ParquetRun dictionary;
    private final Iterator<ParquetPages.Run> runs;
    private Iterator<List<String>> values = List.<List<String>>of().iterator();

    Cells(ParquetPages pages, ParquetRun dictionary, Iterator<ParquetPages.Run> runs) {
      this.pages = pages;
      this.dictionary = dictionary;
      this.runs = runs;
    }

    String next() throws DataException {
      try {
        while (!values.hasNext()) {
          values = pages.unpack(runs.next()).with(dictionary).texts(pages.leaf()).iterator();
        }
        return values.next().getFirst();
      } catch (IOException | RuntimeException e) {
        throw ParquetFile.damaged(pages.file().path(), e);
      }
    }
  }
}
