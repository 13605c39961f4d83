package dev.eosin.image;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/// Writes PNG files of any colour type and depth, for tests.
public final class PngBytes {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  public PngBytes(int width, int height, int bitDepth, int colourType) throws IOException {
    bytes.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A});
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(header);
    data.writeInt(width);
    data.writeInt(height);
    data.write(new byte[] {(byte) bitDepth, (byte) colourType, 0, 0, 0});
    chunk("IHDR", header.toByteArray());
  }

  public static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  public PngBytes chunk(String type, byte[] content) throws IOException {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 checksum = new CRC32();
    checksum.update(name);
    checksum.update(content);
    DataOutputStream data = new DataOutputStream(bytes);
    data.writeInt(content.length);
    data.write(name);
    data.write(content);
    data.writeInt((int) checksum.getValue());
    return this;
  }

  /// Unfiltered rows, packed as the bit depth asks.
  public byte[] withRows(byte[]... rows) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(compressed)) {
      for (byte[] row : rows) {
        deflater.write(0);
        deflater.write(row);
      }
    }
    chunk("IDAT", compressed.toByteArray());
    chunk("IEND", new byte[0]);
    return bytes.toByteArray();
  }
}
