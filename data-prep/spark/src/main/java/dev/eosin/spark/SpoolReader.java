package dev.eosin.spark;

import java.io.Serial;
import java.io.Serializable;
import java.nio.file.Path;

/// A spool as it is sent to executors.
///
/// @param folder as a text, since paths are not sent
/// @param rows how many there are
/// @param each rows of a file
record SpoolReader(String folder, int rows, int each) implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  SpoolReader(Spool spool) {
    this(spool.folder().toString(), spool.rows(), spool.each());
  }

  Spool spool() {
    return new Spool(Path.of(folder), rows, each);
  }
}
