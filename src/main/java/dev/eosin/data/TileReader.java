package dev.eosin.data;

import dev.eosin.image.Raster;
import java.io.IOException;
import java.nio.file.Path;

/// Decodes an image file; thread safe.
@FunctionalInterface
public interface TileReader {
  /// @throws IOException naming the file and the reason, when it cannot be read
  Raster read(Path file) throws IOException;
}
