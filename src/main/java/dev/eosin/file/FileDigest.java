package dev.eosin.file;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Size and SHA-256 of a file.
///
/// @param bytes the size
/// @param sha256 64 lower-case hexadecimal digits
public record FileDigest(long bytes, String sha256) {
  private static final int PIECE = 1 << 16;

  /// Reads the whole file.
  public static FileDigest of(Path file) throws IOException {
    Stream counting = new Stream(OutputStream.nullOutputStream());
    byte[] piece = new byte[PIECE];
    try (InputStream in = Files.newInputStream(file)) {
      for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
        counting.write(piece, 0, length);
      }
    }
    return counting.digest();
  }

  /// Of bytes in memory, as of a file that holds them.
  public static FileDigest of(byte[] content) {
    try (Stream counting = new Stream(OutputStream.nullOutputStream())) {
      counting.write(content);
      return counting.digest();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Passes bytes on and takes their digest.
  public static final class Stream extends FilterOutputStream {
    private final MessageDigest sha256;
    private long bytes;

    public Stream(OutputStream out) {
      super(out);
      try {
        sha256 = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] piece, int offset, int length) throws IOException {
      out.write(piece, offset, length);
      sha256.update(piece, offset, length);
      bytes += length;
    }

    /// Of everything written; ends the digest.
    public FileDigest digest() {
      return new FileDigest(bytes, HexFormat.of().formatHex(sha256.digest()));
    }
  }
}
