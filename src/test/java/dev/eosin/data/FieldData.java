package dev.eosin.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/// The inputs of src/test/resources/field-data.
public final class FieldData {
  private FieldData() {}

  /// A copy in a folder that may be written to.
  public static Path copy(String name, Path folder) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in =
        Objects.requireNonNull(FieldData.class.getResourceAsStream("/field-data/" + name))) {
      Files.write(file, in.readAllBytes());
    }
    return file;
  }
}
