package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What stands before the numbers of numpy's `.npy`: type, order and shape, as a Python dictionary.
///
/// Format: NEP 1, versions 1.0 to 3.0; version 1.0 is written.
///
/// @param type as numpy writes it: `<f4`, `<i8`, `<U12`
/// @param shape outermost first
public record NumpyHeader(String type, List<Long> shape) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int ALIGNMENT = 64;
  private static final int LONGEST = 1 << 16;
  private static final Pattern TYPE = Pattern.compile("'descr':\\s*'([^']{1,40})'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order':\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\(([0-9, ]*)\\)");

  public NumpyHeader {
    shape = List.copyOf(shape);
  }

  /// Writes it; the numbers come behind it, row-major.
  public void writeTo(OutputStream out) throws IOException {
    String sizes =
        shape.stream().map(String::valueOf).collect(Collectors.joining(", "))
            + (shape.size() == 1 ? "," : "");
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, sizes);
    int bytes = MAGIC.length + 2 + Short.BYTES + header.length() + 1;
    String padded = header + " ".repeat(Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT - bytes) + "\n";
    out.write(MAGIC);
    out.write(new byte[] {1, 0});
    out.write(padded.length() & 0xff);
    out.write(padded.length() >> Byte.SIZE);
    out.write(padded.getBytes(StandardCharsets.US_ASCII));
  }

  /// Reads one; the numbers follow in the stream.
  ///
  /// @param name of the array, for messages
  /// @throws DataException when it is none, its elements are Python objects, or it lies column by
  ///   column
  public static NumpyHeader readFrom(InputStream in, String name) throws IOException {
    byte[] magic = in.readNBytes(MAGIC.length + 2);
    if (magic.length < MAGIC.length + 2
        || !Arrays.equals(Arrays.copyOf(magic, MAGIC.length), MAGIC)) {
      throw new DataException(name + ": is no array of numpy's (.npy)");
    }
    int lengthBytes = magic[MAGIC.length] == 1 ? 2 : 4;
    byte[] length = in.readNBytes(lengthBytes);
    long size = 0;
    for (int i = length.length - 1; i >= 0; i--) {
      size = (size << Byte.SIZE) | (length[i] & 0xff);
    }
    if (length.length < lengthBytes || size > LONGEST) {
      throw new DataException(name + ": its header is damaged");
    }
    String text = new String(in.readNBytes((int) size), StandardCharsets.UTF_8);
    Matcher type = TYPE.matcher(text);
    Matcher order = ORDER.matcher(text);
    Matcher shape = SHAPE.matcher(text);
    if (!type.find() || !order.find() || !shape.find()) {
      throw new DataException(
          "%s: its header is not understood: %s".formatted(name, Quote.line(text.strip())));
    }
    if (order.group(1).equals("True")) {
      throw new DataException(
          name + ": lies column by column; save numpy.ascontiguousarray of it instead");
    }
    return new NumpyHeader(type.group(1), sizes(shape.group(1)));
  }

  private static List<Long> sizes(String text) {
    return Arrays.stream(text.split(","))
        .map(String::strip)
        .filter(size -> !size.isEmpty())
        .map(Long::parseLong)
        .toList();
  }

  /// The type of floating-point elements.
  ///
  /// @param name of the array, for messages
  /// @throws DataException for others
  public StoredType floating(String name) throws DataException {
    return switch (type) {
      case "<f8" -> StoredType.F64;
      case "<f4" -> StoredType.F32;
      case "<f2" -> StoredType.F16;
      default ->
          throw new DataException(
              "%s: its elements are '%s'; '<f4', '<f2' or '<f8' is expected".formatted(name, type));
    };
  }

  /// Numbers of elements as they lie in the file.
  ///
  /// @param type one that [#floating] gives
  public static float[] floats(byte[] bytes, StoredType type) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[bytes.length / type.bytes()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case F64 -> (float) buffer.getDouble();
            case F32 -> buffer.getFloat();
            case F16 -> Float.float16ToFloat(buffer.getShort());
            case BF16, I64, I32, I16, I8, U8, BOOL ->
                throw new IllegalArgumentException("no numbers of numpy's: " + type);
          };
    }
    return values;
  }
}
