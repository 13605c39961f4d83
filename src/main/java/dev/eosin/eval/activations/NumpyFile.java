package dev.eosin.eval.activations;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.NumpyHeader;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// States as numpy's `.npz`: an array for each layer [n,c], `row`, and `path`, `group`, `label` and
/// `split` as arrays of texts, empty where nothing is known. `metadata.json` lies beside them.
public final class NumpyFile {
  private static final String ENDING = ".npy";
  private static final String METADATA = "metadata.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private NumpyFile() {}

  static void write(ActivationParts parts, Map<String, String> metadata, OutputStream out)
      throws IOException {
    var zip = new ZipOutputStream(out);
    zip.setLevel(Deflater.NO_COMPRESSION);
    ActivationShape shape = parts.shape();
    String numbers = shape.type() == NumberType.FP16 ? "<f2" : "<f4";
    for (int layer = 0; layer < parts.layers().size(); layer++) {
      begin(zip, shape.names().get(layer), numbers, parts.count(), (long) shape.width());
      parts.writeTo(zip, layer, 0, parts.count());
      zip.closeEntry();
    }
    begin(zip, "row", "<i8", parts.count());
    parts.rows(row -> zip.write(littleEndian(row.row())));
    zip.closeEntry();
    for (String column : parts.columns()) {
      texts(zip, column, parts, row -> row.column(column).orElse(""));
    }
    zip.putNextEntry(entry(METADATA));
    zip.write(JSON.writeValueAsBytes(metadata));
    zip.closeEntry();
    zip.finish();
  }

  private static byte[] littleEndian(long value) {
    byte[] bytes = new byte[Long.BYTES];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (value >> (Byte.SIZE * i));
    }
    return bytes;
  }

  /// Of no time, so that a second file has the same bytes.
  private static ZipEntry entry(String name) {
    var entry = new ZipEntry(name);
    entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
    return entry;
  }

  private static void begin(ZipOutputStream zip, String name, String type, Long... shape)
      throws IOException {
    zip.putNextEntry(entry(name + ENDING));
    new NumpyHeader(type, List.of(shape)).writeTo(zip);
  }

  /// Texts of one width, as many four-byte characters as the longest has.
  private static void texts(
      ZipOutputStream zip, String name, ActivationParts parts, Function<ActivationRow, String> text)
      throws IOException {
    Charset characters = Charset.forName("UTF-32LE");
    int[] longest = {1};
    parts.rows(
        row -> {
          String value = text.apply(row);
          longest[0] = Math.max(longest[0], value.codePointCount(0, value.length()));
        });
    begin(zip, name, "<U" + longest[0], parts.count());
    parts.rows(
        row -> {
          byte[] value = text.apply(row).getBytes(characters);
          zip.write(value);
          zip.write(new byte[longest[0] * Integer.BYTES - value.length]);
        });
    zip.closeEntry();
  }

  /// Opens one.
  ///
  /// @throws DataException when it is none
  public static ZipFile open(Path file) throws IOException {
    try {
      return new ZipFile(file.toFile());
    } catch (ZipException e) {
      throw new DataException(file + ": is no .npz file: " + e.getMessage(), e);
    }
  }

  /// The names of its arrays.
  public static List<String> arrays(ZipFile zip) {
    return zip.stream()
        .map(ZipEntry::getName)
        .filter(name -> name.endsWith(ENDING))
        .map(name -> name.substring(0, name.length() - ENDING.length()))
        .toList();
  }

  /// Numbers of an array [n,c], row by row.
  ///
  /// @param rows n
  /// @throws DataException when it has another shape, or is damaged
  static float[] matrix(Path file, ZipFile zip, String array, int rows) throws DataException {
    String name = file + ": " + array;
    try (InputStream in =
        new BufferedInputStream(zip.getInputStream(zip.getEntry(array + ENDING)), 1 << 16)) {
      NumpyHeader header = NumpyHeader.readFrom(in, name);
      StoredType type = header.floating(name);
      if (header.shape().size() != 2 || header.shape().getFirst() != rows) {
        throw new DataException(
            "%s has the shape %s; states of %d rows are expected"
                .formatted(name, header.shape(), rows));
      }
      int bytes = Math.toIntExact(header.shape().getLast() * type.bytes());
      float[] all = new float[Math.toIntExact(rows * header.shape().getLast())];
      for (int row = 0; row < rows; row++) {
        byte[] one = in.readNBytes(bytes);
        if (one.length < bytes) {
          throw new DataException(name + ": ends within its numbers; is it truncated?");
        }
        float[] values = NumpyHeader.floats(one, type);
        System.arraycopy(values, 0, all, row * values.length, values.length);
      }
      return all;
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException("%s: cannot be read: %s".formatted(name, AtomicFile.reason(e)), e);
    }
  }

  /// What such a file says of itself; nothing where another program wrote it.
  static Map<String, String> metadata(Path file) throws IOException {
    try (ZipFile zip = open(file)) {
      ZipEntry entry = zip.getEntry(METADATA);
      return entry == null
          ? Map.of()
          : JSON.readValue(zip.getInputStream(entry), new TypeReference<>() {});
    }
  }
}
