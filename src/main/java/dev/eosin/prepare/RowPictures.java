package dev.eosin.prepare;

import dev.eosin.data.EncodedImage;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.image.formats.ImageDecoder;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/// Where the images of rows are. Thread safe.
@FunctionalInterface
public interface RowPictures {
  /// The image of a row; empty where it names none.
  ///
  /// @throws IllegalArgumentException for a name that no path may have
  Optional<Sample.ImageReader> of(Row row);

  /// Files of a folder.
  static RowPictures files(Path folder, String field, ImageDecoder decoder) {
    return row -> {
      String name = row.content().path(field).asText("").strip();
      try {
        return name.isEmpty()
            ? Optional.empty()
            : Optional.of(EncodedImage.file(folder.resolve(name), decoder));
      } catch (InvalidPathException e) {
        throw new IllegalArgumentException("the name is no path: " + e.getReason(), e);
      }
    };
  }

  /// Images of a source.
  static RowPictures of(Source source) {
    return row ->
        source.get(row.content().path(SourceRows.SAMPLE).asLong()).images().stream().findFirst();
  }
}
