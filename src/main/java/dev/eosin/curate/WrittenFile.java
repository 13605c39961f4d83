package dev.eosin.curate;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A file of results that is written, for the manifest.
final class WrittenFile extends FilterOutputStream {
  private final String name;
  private final MessageDigest digest;
  private long bytes;
  private long rows;

  WrittenFile(String name, OutputStream out) {
    super(out);
    this.name = name;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// What the manifest says of it.
  ///
  /// @param sha256 in hexadecimal
  record Entry(String file, long rows, long bytes, String sha256) {}

  void countRow() {
    rows++;
  }

  long rows() {
    return rows;
  }

  @Override
  public void write(int value) throws IOException {
    out.write(value);
    digest.update((byte) value);
    bytes++;
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    out.write(from, offset, length);
    digest.update(from, offset, length);
    bytes += length;
  }

  /// Closes it.
  Entry end() throws IOException {
    close();
    return new Entry(name, rows, bytes, HexFormat.of().formatHex(digest.digest()));
  }
}
