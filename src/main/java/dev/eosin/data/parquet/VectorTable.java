package dev.eosin.data.parquet;

import dev.eosin.config.DataException;
import dev.eosin.data.Names;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.parquet.format.RowGroup;

/// A Parquet file with columns of texts and of lists of numbers, read column by column: what
/// [VectorTableWriter] writes, and other programs' tables of embeddings. Close it.
public final class VectorTable implements AutoCloseable {
  private final ParquetFile file;

  private VectorTable(ParquetFile file) {
    this.file = file;
  }

  /// Reads the footer.
  ///
  /// @throws DataException when the file is missing, not Parquet, encrypted or damaged
  public static VectorTable open(Path path) throws DataException {
    return new VectorTable(ParquetFile.open(path));
  }

  /// What the file says of itself.
  public Map<String, String> metadata() {
    return file.metadata();
  }

  /// Number of rows.
  public long rows() {
    return file.rowGroups().stream().mapToLong(RowGroup::getNum_rows).sum();
  }

  /// The names of all columns; a list's is that of its group.
  public List<String> columns() {
    return file.schema().leaves().stream()
        .map(leaf -> leaf.name().replaceFirst("\\..*", ""))
        .distinct()
        .toList();
  }

  /// A column of texts; what a row lacks is empty.
  ///
  /// @throws DataException when there is none of that name, or it is damaged or holds lists
  public List<String> texts(String name) throws DataException {
    int column = column(name);
    ParquetSchema.Leaf leaf = file.schema().leaves().get(column);
    if (leaf.isRepeated()) {
      throw new DataException(
          "%s: column '%s' holds lists, texts are expected"
              .formatted(file.path(), Names.cut(name)));
    }
    List<String> texts = new ArrayList<>();
    runs(column, run -> run.texts(leaf).forEach(row -> texts.add(row.getFirst())));
    return texts;
  }

  /// A column of vectors, all of one length [n,c].
  ///
  /// @throws DataException when there is none of that name, it is damaged, holds no lists of
  ///   floating-point numbers, or rows differ in length
  public float[] vectors(String name) throws DataException {
    int column = column(name);
    ParquetSchema.Leaf leaf = file.schema().leaves().get(column);
    long rows = rows();
    List<float[]> parts = new ArrayList<>();
    runs(column, run -> parts.add(run.floats(leaf)));
    long all = parts.stream().mapToLong(part -> part.length).sum();
    if (rows == 0 || all % rows != 0 || all == 0) {
      throw new DataException(
          "%s: column '%s' has %d numbers in %d rows; all must have as many"
              .formatted(file.path(), Names.cut(name), all, rows));
    }
    float[] values = new float[Math.toIntExact(all)];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, values, at, part.length);
      at += part.length;
    }
    return values;
  }

  /// Takes some rows after the other.
  @FunctionalInterface
  public interface VectorBlocks {
    /// @param values [k,c] of whole rows
    void take(float[] values) throws IOException;
  }

  /// The same as [#vectors], page by page.
  ///
  /// @throws DataException as [#vectors], or what `blocks` throws
  public void vectors(String name, VectorBlocks blocks) throws DataException {
    int column = column(name);
    ParquetSchema.Leaf leaf = file.schema().leaves().get(column);
    runs(column, run -> blocks.take(run.floats(leaf)));
  }

  /// How many numbers each row of a column of vectors has, as the footer tells.
  ///
  /// @throws DataException when there is none of that name, or rows differ
  public int width(String name) throws DataException {
    int column = column(name);
    long all =
        file.rowGroups().stream()
            .mapToLong(group -> group.getColumns().get(column).getMeta_data().getNum_values())
            .sum();
    if (rows() == 0 || all == 0 || all % rows() != 0) {
      throw new DataException(
          "%s: column '%s' has %d numbers in %d rows; all must have as many"
              .formatted(file.path(), Names.cut(name), all, rows()));
    }
    return Math.toIntExact(all / rows());
  }

  /// The names of the columns that hold lists.
  public List<String> lists() {
    return file.schema().leaves().stream()
        .filter(ParquetSchema.Leaf::isRepeated)
        .map(leaf -> leaf.name().replaceFirst("\\..*", ""))
        .distinct()
        .toList();
  }

  private int column(String name) throws DataException {
    Optional<Integer> column = file.schema().find(name);
    return column.orElseThrow(
        () ->
            new DataException(
                "%s: has no column '%s'; the columns are %s"
                    .formatted(file.path(), Names.cut(name), Names.of(columns()))));
  }

  /// Takes the pages that hold whole rows.
  private interface Taking {
    void from(ParquetRun run) throws IOException;
  }

  private void runs(int column, Taking taking) throws DataException {
    ParquetSchema.Leaf leaf = file.schema().leaves().get(column);
    try {
      for (RowGroup group : file.rowGroups()) {
        if (group.getNum_rows() > 0) {
          ParquetPages pages =
              new ParquetIndexer(file, group.getColumns().get(column).getMeta_data(), leaf)
                  .index(group.getNum_rows());
          ParquetRun dictionary = pages.unpackDictionary();
          for (ParquetPages.Run run : pages.runs()) {
            taking.from(pages.unpack(run).with(dictionary));
          }
        }
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // The Thrift reader answers damage with both kinds of exceptions.
      throw ParquetFile.damaged(file.path(), e);
    }
  }

  @Override
  public void close() throws DataException {
    try {
      file.channel().close();
    } catch (IOException e) {
      throw ParquetFile.damaged(file.path(), e);
    }
  }
}
