package dev.eosin.data.parquet;

import dev.eosin.config.DataException;
import dev.eosin.data.OneLine;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;

/// An open Parquet file: its schema, its row groups and any of its bytes. Thread safe.
///
/// @param schema of every row group
/// @param rowGroups checked: each has a chunk for every column, inside the file
/// @param metadata what the file says of itself
record ParquetFile(
    Path path,
    FileChannel channel,
    long size,
    ParquetSchema schema,
    List<RowGroup> rowGroups,
    Map<String, String> metadata) {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int TAIL_BYTES = 8;

  ParquetFile {
    rowGroups = List.copyOf(rowGroups);
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
  }

  /// Reads the footer.
  ///
  /// @throws DataException when the file is missing, not Parquet, encrypted or damaged
  static ParquetFile open(Path path) throws DataException {
    if (!Files.isRegularFile(path)) {
      throw new DataException(path + ": no such file");
    }
    try {
      FileChannel channel = FileChannel.open(path);
      long size = channel.size();
      FileMetaData footer = footer(path, channel, size);
      ParquetSchema schema = ParquetSchema.of(path.toString(), footer.getSchema());
      ParquetFile file =
          new ParquetFile(path, channel, size, schema, footer.getRow_groups(), metadata(footer));
      file.check();
      return file;
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // The Thrift reader answers damage with both kinds of exceptions.
      throw damaged(path, e);
    }
  }

  private static FileMetaData footer(Path path, FileChannel channel, long size) throws IOException {
    if (size < MAGIC.length + TAIL_BYTES) {
      throw new DataException(path + ": is no Parquet file: it has only %d bytes".formatted(size));
    }
    ByteBuffer tail = read(channel, size - TAIL_BYTES, TAIL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    long length = Integer.toUnsignedLong(tail.getInt());
    byte[] magic = new byte[MAGIC.length];
    tail.get(magic);
    if (new String(magic, StandardCharsets.US_ASCII).equals("PARE")) {
      throw new DataException(path + ": is encrypted, which Eosin does not read");
    }
    if (!Arrays.equals(magic, MAGIC)) {
      throw new DataException(
          path + ": is no Parquet file or was cut off: it does not end in PAR1");
    }
    if (length > size - MAGIC.length - TAIL_BYTES) {
      throw new DataException(path + ": is a damaged Parquet file: its footer is longer than it");
    }
    ByteBuffer footer = read(channel, size - TAIL_BYTES - length, (int) length);
    return Util.readFileMetaData(
        new ByteArrayInputStream(footer.array()), false, null, null, (int) length);
  }

  private static Map<String, String> metadata(FileMetaData footer) {
    Map<String, String> metadata = new TreeMap<>();
    if (footer.isSetKey_value_metadata()) {
      for (KeyValue entry : footer.getKey_value_metadata()) {
        if (entry.isSetValue()) {
          metadata.put(entry.getKey(), entry.getValue());
        }
      }
    }
    return metadata;
  }

  private void check() throws DataException {
    for (RowGroup group : rowGroups) {
      if (group.getNum_rows() < 0
          || group.getNum_rows() > Integer.MAX_VALUE
          || group.getColumnsSize() != schema.leaves().size()) {
        throw damaged(path, "a row group does not fit the schema");
      }
      for (ColumnChunk chunk : group.getColumns()) {
        if (chunk.getFile_path() != null || chunk.getMeta_data() == null) {
          throw damaged(path, "a column lies in another file or is encrypted");
        }
        checkPlace(chunk.getMeta_data());
      }
    }
  }

  private void checkPlace(ColumnMetaData chunk) throws DataException {
    long start = start(chunk);
    long length = chunk.getTotal_compressed_size();
    if (start < 0 || length < 0 || length > size - start || chunk.getCodec() == null) {
      throw damaged(path, "a column lies outside the file");
    }
  }

  /// Where a column's first page begins, its dictionary included.
  static long start(ColumnMetaData chunk) {
    long data = chunk.getData_page_offset();
    long dictionary = chunk.getDictionary_page_offset();
    return chunk.isSetDictionary_page_offset() && dictionary > 0
        ? Math.min(data, dictionary)
        : data;
  }

  /// Bytes of the file.
  ///
  /// @throws IOException when it is shorter
  ByteBuffer read(long start, int length) throws IOException {
    return read(channel, start, length);
  }

  private static ByteBuffer read(FileChannel channel, long start, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, start + bytes.position()) < 0) {
        throw new EOFException("it ends too early");
      }
    }
    return bytes.flip();
  }

  static DataException damaged(Path path, Exception cause) {
    DataException damaged = damaged(path, String.valueOf(cause.getMessage()));
    damaged.initCause(cause);
    return damaged;
  }

  static DataException damaged(Path path, String reason) {
    return new DataException(
        "%s: is a damaged Parquet file: %s".formatted(path, OneLine.of(reason)));
  }
}
