package dev.eosin.eval.activations;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.NumpyHeader;
import dev.eosin.config.DataException;
import java.io.IOException;
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
final class NumpyFile {
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
    zip.putNextEntry(entry(name + ".npy"));
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

  /// What such a file says of itself; nothing where another program wrote it.
  static Map<String, String> metadata(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry entry = zip.getEntry(METADATA);
      return entry == null
          ? Map.of()
          : JSON.readValue(zip.getInputStream(entry), new TypeReference<>() {});
    } catch (ZipException e) {
      throw new DataException(file + ": is no .npz file: " + e.getMessage(), e);
    }
  }
}
