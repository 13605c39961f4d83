package dev.eosin.data.parquet;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;

/// Writes a table of numbered rows, texts and vectors as a Parquet file, group by group, so that
/// memory holds the texts of one group and no vector. Nothing is packed: vectors hardly shrink.
///
/// Vectors are lists of FLOAT, or of FLOAT16, each as long as its column is wide.
public final class VectorTableWriter {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int PAGE_BYTES = 1 << 20;
  private static final long GROUP_BYTES = 64L << 20;
  private static final int MOST_GROUP_ROWS = 1 << 16;

  private final Counted out;
  private final List<String> texts;
  private final List<VectorColumn> vectors;
  private final List<RowGroup> groups = new ArrayList<>();
  private long rows;

  /// A column of vectors.
  ///
  /// @param width of each
  /// @param half whether the elements are fp16, otherwise fp32
  public record VectorColumn(String name, int width, boolean half) {
    int rowBytes() {
      return width * elementBytes();
    }

    int elementBytes() {
      return half ? Short.BYTES : Float.BYTES;
    }
  }

  /// Gives the elements of vectors, little-endian and one behind the other.
  @FunctionalInterface
  public interface Vectors {
    /// @param column among the columns of vectors
    /// @param first row of the table
    void writeTo(OutputStream out, int column, long first, int count) throws IOException;
  }

  /// Begins a file.
  ///
  /// @param out not closed
  /// @param texts names of the columns of texts, each of which may lack values
  public VectorTableWriter(OutputStream out, List<String> texts, List<VectorColumn> vectors)
      throws IOException {
    this.out = new Counted(out);
    this.texts = List.copyOf(texts);
    this.vectors = List.copyOf(vectors);
    this.out.write(MAGIC);
  }

  /// How many rows a group should have.
  public int groupRows() {
    long bytes = vectors.stream().mapToLong(VectorColumn::rowBytes).sum();
    return (int) Math.clamp(GROUP_BYTES / Math.max(1, bytes), 1, MOST_GROUP_ROWS);
  }

  /// Adds a group of rows.
  ///
  /// @param numbers of the rows
  /// @param values of each column of texts, one for each row
  public void group(long[] numbers, List<List<Optional<String>>> values, Vectors source)
      throws IOException {
    long start = out.count;
    List<ColumnChunk> chunks = new ArrayList<>();
    chunks.add(numbers(numbers));
    for (int column = 0; column < texts.size(); column++) {
      chunks.add(texts(texts.get(column), values.get(column)));
    }
    for (int column = 0; column < vectors.size(); column++) {
      chunks.add(vectors(column, numbers.length, source));
    }
    groups.add(new RowGroup(chunks, out.count - start, numbers.length));
    rows += numbers.length;
  }

  /// Ends the file.
  ///
  /// @param metadata what the file says of itself
  public void finish(Map<String, String> metadata) throws IOException {
    var footer =
        new FileMetaData(2, VectorTableSchema.elements(texts, vectors), rows, groups)
            .setCreated_by("eosin");
    metadata.forEach(
        (key, value) -> footer.addToKey_value_metadata(new KeyValue(key).setValue(value)));
    long start = out.count;
    Util.writeFileMetaData(footer, out);
    int length = Math.toIntExact(out.count - start);
    out.write(littleEndian(Integer.BYTES).putInt(length).array());
    out.write(MAGIC);
  }

  private ColumnChunk numbers(long[] numbers) throws IOException {
    ByteBuffer values = littleEndian(Math.multiplyExact(numbers.length, Long.BYTES));
    for (long number : numbers) {
      values.putLong(number);
    }
    long start = out.count;
    page(numbers.length, new byte[0], numbers.length * (long) Long.BYTES);
    out.write(values.array());
    return chunk(VectorTableSchema.NUMBER, start, numbers.length);
  }

  private ColumnChunk texts(String name, List<Optional<String>> values) throws IOException {
    var levels = new Levels();
    var bytes = new ByteArrayOutputStream();
    for (Optional<String> value : values) {
      levels.add(value.isPresent() ? 1 : 0, 1);
      if (value.isPresent()) {
        byte[] text = value.get().getBytes(StandardCharsets.UTF_8);
        bytes.write(littleEndian(Integer.BYTES).putInt(text.length).array());
        bytes.write(text);
      }
    }
    long start = out.count;
    page(values.size(), levels.bytes(), bytes.size());
    bytes.writeTo(out);
    return chunk(VectorTableSchema.text(name), start, values.size());
  }

  private ColumnChunk vectors(int column, int count, Vectors source) throws IOException {
    VectorColumn vector = vectors.get(column);
    int atOnce = Math.clamp(PAGE_BYTES / vector.rowBytes(), 1, count);
    long start = out.count;
    for (int first = 0; first < count; first += atOnce) {
      int some = Math.min(atOnce, count - first);
      var lists = new Levels();
      var elements = new Levels();
      for (int row = 0; row < some; row++) {
        lists.add(0, 1);
        lists.add(1, vector.width() - 1);
      }
      elements.add(1, some * vector.width());
      var levels = new ByteArrayOutputStream();
      levels.write(lists.bytes());
      levels.write(elements.bytes());
      long bytes = (long) some * vector.rowBytes();
      page(some * vector.width(), levels.toByteArray(), bytes);
      long before = out.count;
      source.writeTo(out, column, rows + first, some);
      if (out.count - before != bytes) {
        throw new IllegalStateException(
            "%s: %d bytes were given, %d announced"
                .formatted(vector.name(), out.count - before, bytes));
      }
    }
    return chunk(VectorTableSchema.vector(vector), start, (long) count * vector.width());
  }

  /// The header of a page, and its levels.
  private void page(int values, byte[] levels, long bytes) throws IOException {
    int size = Math.toIntExact(levels.length + bytes);
    var header = new DataPageHeader(values, Encoding.PLAIN, Encoding.RLE, Encoding.RLE);
    Util.writePageHeader(
        new PageHeader(PageType.DATA_PAGE, size, size).setData_page_header(header), out);
    out.write(levels);
  }

  private ColumnChunk chunk(VectorTableSchema.Leaf leaf, long start, long values) {
    long bytes = out.count - start;
    var meta =
        new ColumnMetaData(
            leaf.type(),
            List.of(Encoding.PLAIN, Encoding.RLE),
            leaf.path(),
            CompressionCodec.UNCOMPRESSED,
            values,
            bytes,
            bytes,
            start);
    return new ColumnChunk(start).setMeta_data(meta);
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// Levels of 0 and 1 as runs, behind their length.
  private static final class Levels {
    private final ByteArrayOutputStream runs = new ByteArrayOutputStream();
    private int value;
    private int length;

    void add(int level, int times) {
      if (level != value) {
        end();
        value = level;
      }
      length += times;
    }

    private void end() {
      if (length > 0) {
        for (long left = (long) length << 1; ; left >>>= 7) {
          boolean last = left < 0x80;
          runs.write((int) (last ? left : left & 0x7f | 0x80));
          if (last) {
            break;
          }
        }
        runs.write(value);
        length = 0;
      }
    }

    byte[] bytes() {
      end();
      return littleEndian(Integer.BYTES + runs.size())
          .putInt(runs.size())
          .put(runs.toByteArray())
          .array();
    }
  }

  private static final class Counted extends FilterOutputStream {
    private long count;

    Counted(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int value) throws IOException {
      out.write(value);
      count++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      count += length;
    }
  }
}
