package dev.eosin.eval.activations;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// States as numpy's `.npz`: an array for each layer [n,c], `row`, and `path`, `group`, `label` and
/// `split` as arrays of texts, empty where nothing is known. `metadata.json` lies beside them.
///
/// Format: NEP 1, version 1.0 of `.npy`.
final class NumpyFile {
  private static final String METADATA = "metadata.json";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ALIGNMENT = 64;
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

  private NumpyFile() {}

  static void write(ActivationParts parts, Map<String, String> metadata, OutputStream out)
      throws IOException {
    var zip = new ZipOutputStream(out);
    zip.setLevel(Deflater.NO_COMPRESSION);
    ActivationShape shape = parts.shape();
    String numbers = shape.type() == NumberType.FP16 ? "<f2" : "<f4";
    for (int layer = 0; layer < parts.layers().size(); layer++) {
      begin(
          zip,
          shape.names().get(layer),
          numbers,
          "(%d, %d)".formatted(parts.count(), shape.width()));
      parts.writeTo(zip, layer, 0, parts.count());
      zip.closeEntry();
    }
    begin(zip, "row", "<i8", "(%d,)".formatted(parts.count()));
    parts.rows(row -> zip.write(littleEndian(row.row())));
    zip.closeEntry();
    texts(zip, "path", parts, ActivationRow::path);
    texts(zip, "group", parts, row -> row.group().orElse(""));
    texts(zip, "label", parts, row -> row.label().orElse(""));
    texts(zip, "split", parts, row -> row.split().orElse(""));
    zip.putNextEntry(new ZipEntry(METADATA));
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

  private static void begin(ZipOutputStream zip, String name, String type, String shape)
      throws IOException {
    zip.putNextEntry(new ZipEntry(name + ".npy"));
    String header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }".formatted(type, shape);
    int bytes = MAGIC.length + Short.BYTES + header.length() + 1;
    String padded = header + " ".repeat(Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT - bytes) + "\n";
    zip.write(MAGIC);
    zip.write(padded.length() & 0xff);
    zip.write(padded.length() >> Byte.SIZE);
    zip.write(padded.getBytes(StandardCharsets.US_ASCII));
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
    begin(zip, name, "<U" + longest[0], "(%d,)".formatted(parts.count()));
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
