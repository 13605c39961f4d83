package dev.eosin.prepare;

import dev.eosin.checkpoint.Quote;
import dev.eosin.data.EncodedImage;
import dev.eosin.data.ForeignName;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.image.formats.ImageDecoder;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/// Where the images of rows are. Thread safe.
@FunctionalInterface
public interface RowPictures {
  /// What a recipe's key says that names [#root].
  String ROOT =
      "The folder that the images' names start from, for pictures on the page; the table's own"
          + " folder otherwise.";

  /// The image of a row; empty where it names none.
  ///
  /// @throws IllegalArgumentException for a name that no path may have, or that is an address or a
  ///   path of another system
  Optional<Sample.ImageReader> of(Row row);

  /// Where the images of a table are.
  static Path root(Optional<Path> named, Path table) {
    return named.or(() -> Optional.ofNullable(table.getParent())).orElse(Path.of(""));
  }

  /// Files of a folder.
  static RowPictures files(Path folder, String field, ImageDecoder decoder) {
    return row -> {
      String name = row.content().path(field).asText("").strip();
      ForeignName.reason(name)
          .ifPresent(
              reason -> {
                throw new IllegalArgumentException(Quote.line(name) + ": " + reason);
              });
      try {
        return name.isEmpty()
            ? Optional.empty()
            : Optional.of(EncodedImage.file(folder.resolve(name), decoder));
      } catch (InvalidPathException e) {
        throw new IllegalArgumentException("the name is no path: " + e.getReason(), e);
      }
    };
  }

  /// Of rows that have none.
  static RowPictures none() {
    return _ -> Optional.empty();
  }

  /// Images of a source.
  static RowPictures of(Source source) {
    return row ->
        source.get(row.content().path(SourceRows.SAMPLE).asLong()).images().stream().findFirst();
  }
}
