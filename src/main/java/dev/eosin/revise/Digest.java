package dev.eosin.revise;

import dev.eosin.file.FileDigest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// Names of long contents.
final class Digest {
  private Digest() {}

  static String of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  static String of(byte[] content) {
    try (var stream = new FileDigest.Stream(OutputStream.nullOutputStream())) {
      stream.write(content);
      return "sha256 " + stream.digest().sha256();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
