package dev.eosin.text;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPInputStream;

/// Text tables that ship in this package's resources.
final class TextResource {
  private TextResource() {}

  /// The lines of a table, without its empty lines and those that start with `#`.
  static List<String> table(String name) {
    return lines(name).stream().filter(line -> !line.isEmpty() && line.charAt(0) != '#').toList();
  }

  /// The lines of a UTF-8 resource, gunzipped when its name ends in `.gz`.
  static List<String> lines(String name) {
    try (InputStream resource = TextResource.class.getResourceAsStream("/dev/eosin/text/" + name)) {
      if (resource == null) {
        throw new IllegalStateException("the resource dev/eosin/text/" + name + " is missing");
      }
      InputStream plain = name.endsWith(".gz") ? new GZIPInputStream(resource) : resource;
      return new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8))
          .lines()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("the resource dev/eosin/text/" + name, e);
    }
  }
}
