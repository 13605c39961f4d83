package dev.eosin.data.parquet;

import dev.eosin.text.Utf8Text;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReaderImpl;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.jspecify.annotations.Nullable;

/// Unpacked pages of one column that together hold whole rows, and the dictionary they refer to.
/// Thread safe.
record ParquetRun(Optional<ParquetDictionary> dictionary, List<DataPage> pages) {
  ParquetRun {
    pages = List.copyOf(pages);
  }

  /// These pages with the dictionary of another.
  ParquetRun with(ParquetRun words) {
    return new ParquetRun(words.dictionary(), pages);
  }

  /// Bytes in memory.
  long bytes() {
    long bytes = dictionary.map(words -> (long) words.getUncompressedSize()).orElse(0L);
    return bytes + pages.stream().mapToLong(DataPage::getUncompressedSize).sum();
  }

  /// The values of every row as text; an absent value is an empty one.
  ///
  /// @throws IOException when the pages are damaged
  List<List<String>> texts(ParquetSchema.Leaf leaf) throws IOException {
    return decoded(
        leaf,
        reader -> {
          List<List<String>> rows = new ArrayList<>();
          // Values from a dictionary come again and again, in pages of up to a million rows.
          Map<List<String>, List<String>> known = new HashMap<>();
          List<String> row = new ArrayList<>();
          for (long left = valueCount(); left > 0; left--) {
            row.add(isPresent(reader, leaf) ? text(reader, leaf) : "");
            reader.consume();
            if (left == 1 || reader.getCurrentRepetitionLevel() == 0) {
              List<String> whole = List.copyOf(row);
              rows.add(dictionary.isEmpty() ? whole : known.computeIfAbsent(whole, same -> same));
              row.clear();
            }
          }
          return rows;
        });
  }

  /// The bytes of the value of one row of a column that does not repeat.
  ///
  /// @param row from the first one here
  /// @throws IOException when the pages are damaged or the row has no value
  byte[] bytes(ParquetSchema.Leaf leaf, int row) throws IOException {
    return decoded(
        leaf,
        reader -> {
          for (int i = 0; i < row; i++) {
            if (isPresent(reader, leaf)) {
              reader.skip();
            }
            reader.consume();
          }
          if (!isPresent(reader, leaf)) {
            throw new IOException("column %s has no image here".formatted(leaf.name()));
          }
          return reader.getBinary().getBytes();
        });
  }

  /// All values of the rows, one behind the other.
  ///
  /// @throws IOException when the pages are damaged, values are missing, or they are no
  ///   floating-point numbers
  float[] floats(ParquetSchema.Leaf leaf) throws IOException {
    return decoded(
        leaf,
        reader -> {
          float[] values = new float[Math.toIntExact(valueCount())];
          for (int i = 0; i < values.length; i++) {
            if (!isPresent(reader, leaf)) {
              throw new IOException("column %s lacks numbers".formatted(leaf.name()));
            }
            values[i] = number(reader, leaf);
            reader.consume();
          }
          return values;
        });
  }

  private static float number(ColumnReader reader, ParquetSchema.Leaf leaf) throws IOException {
    return switch (leaf.type()) {
      case FLOAT -> reader.getFloat();
      case DOUBLE -> (float) reader.getDouble();
      case FIXED_LEN_BYTE_ARRAY -> half(reader.getBinary().getBytesUnsafe(), leaf);
      case BINARY, INT32, INT64, BOOLEAN, INT96 ->
          throw new IOException(
              "column %s holds %s; floating-point numbers are expected"
                  .formatted(leaf.name(), leaf.type()));
    };
  }

  private static float half(byte[] bytes, ParquetSchema.Leaf leaf) throws IOException {
    if (bytes.length != Short.BYTES) {
      throw new IOException(
          "column %s holds values of %d bytes; floating-point numbers are expected"
              .formatted(leaf.name(), bytes.length));
    }
    return Float.float16ToFloat((short) (bytes[0] & 0xff | bytes[1] << 8));
  }

  /// Where rows begin.
  ///
  /// @param continues whether the first value belongs to a row of the page before
  record Rows(int count, boolean continues) {}

  /// @throws IOException when the pages are damaged
  Rows countRows(ParquetSchema.Leaf leaf) throws IOException {
    return decoded(
        leaf,
        reader -> {
          int count = 0;
          boolean continues = reader.getCurrentRepetitionLevel() > 0;
          for (long left = valueCount(); left > 0; left--) {
            count += reader.getCurrentRepetitionLevel() == 0 ? 1 : 0;
            if (isPresent(reader, leaf)) {
              reader.skip();
            }
            reader.consume();
          }
          return new Rows(count, continues);
        });
  }

  private long valueCount() {
    return pages.stream().mapToLong(DataPage::getValueCount).sum();
  }

  /// Takes values from the library's reader.
  private interface Decoding<T> {
    T from(ColumnReader reader) throws IOException;
  }

  private <T> T decoded(ParquetSchema.Leaf leaf, Decoding<T> decoding) throws IOException {
    try {
      if (dictionary.isEmpty()) {
        return decoding.from(reader(leaf));
      }
      synchronized (dictionary.get()) {
        return decoding.from(reader(leaf));
      }
    } catch (RuntimeException damaged) {
      throw new IOException(
          "column %s cannot be decoded: %s".formatted(leaf.name(), damaged.getMessage()), damaged);
    } catch (OutOfMemoryError damaged) {
      // The library reserves one array of whatever length a damaged page claims; nothing is lost
      // when that fails.
      throw new IOException(
          "column %s cannot be decoded: a length in it is too large".formatted(leaf.name()),
          damaged);
    }
  }

  private ColumnReader reader(ParquetSchema.Leaf leaf) {
    return new ColumnReaderImpl(leaf.column(), new Pages(this), new PrimitiveConverter() {}, null);
  }

  private static boolean isPresent(ColumnReader reader, ParquetSchema.Leaf leaf) {
    return reader.getCurrentDefinitionLevel() == leaf.column().getMaxDefinitionLevel();
  }

  private static String text(ColumnReader reader, ParquetSchema.Leaf leaf) throws IOException {
    return switch (leaf.type()) {
      case BINARY -> Utf8Text.decode("column " + leaf.name(), reader.getBinary().getBytesUnsafe());
      case INT32 -> Integer.toString(reader.getInteger());
      case INT64 -> Long.toString(reader.getLong());
      case BOOLEAN -> Boolean.toString(reader.getBoolean());
      case FLOAT -> Float.toString(reader.getFloat());
      case DOUBLE -> Double.toString(reader.getDouble());
      case INT96, FIXED_LEN_BYTE_ARRAY -> throw new IllegalStateException("no text");
    };
  }

  private static final class Pages implements PageReader {
    private final Optional<ParquetDictionary> dictionary;
    private final long valueCount;
    private final Iterator<DataPage> next;

    Pages(ParquetRun run) {
      this.dictionary = run.dictionary();
      this.valueCount = run.valueCount();
      this.next = run.pages().iterator();
    }

    @Override
    public @Nullable DictionaryPage readDictionaryPage() {
      return dictionary.orElse(null);
    }

    @Override
    public long getTotalValueCount() {
      return valueCount;
    }

    @Override
    public @Nullable DataPage readPage() {
      return next.hasNext() ? next.next() : null;
    }
  }
}
