package dev.eosin.file;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What goes into a file: writes itself once, front to back, into a stream it does not close.
@FunctionalInterface
public interface FileContent {
  void writeTo(OutputStream out) throws IOException;

  /// UTF-8 text.
  static FileContent text(String text) {
    return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  /// What another file holds.
  static FileContent copyOf(Path file) {
    return out -> Files.copy(file, out);
  }
}
