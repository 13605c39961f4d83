package dev.eosin.revise;

import dev.eosin.file.FileDigest;
import java.nio.charset.StandardCharsets;

/// Names of long contents.
final class Digest {
  private Digest() {}

  static String of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  static String of(byte[] content) {
    return "sha256 " + FileDigest.of(content).sha256();
  }
}
