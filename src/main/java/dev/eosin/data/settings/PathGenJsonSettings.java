package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/// `type: pathgen-json`: the records of PathGen-1.6M (`{wsi_id, position: [x, y], caption}`) beside
/// the tiles cropped from the slides. A slide is a group.
@Named("pathgen-json")
@Doc("PathGen-1.6M's captions beside tiles cropped from its slides; the slide is the group.")
public record PathGenJsonSettings(
    @Doc("The file, in UTF-8: an array of records, or one record a line.") Path path,
    @Doc("The folder of tiles SLIDE_X_Y.png, all in it or in one folder a slide.") Path images,
    @Doc("File name ending of the tiles.") @OrElse("png") String extension,
    @Doc(
            "Records whose tile is not there count as bad rows (count) or are left out, for a part"
                + " of the slides (skip).")
        @OrElse("count")
        MissingTiles missingTiles,
    @Doc(SampleLists.ONLY_DOC) Optional<Path> only,
    @Doc(SampleLists.WITHOUT_DOC) Optional<Path> without,
    @Doc(SampleLists.ID_DOC) Optional<String> id)
    implements SourceSettings {
  /// All records.
  public PathGenJsonSettings(Path path, Path images, String extension, MissingTiles missingTiles) {
    this(
        path,
        images,
        extension,
        missingTiles,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// What becomes of a record without its tile.
  public enum MissingTiles {
    COUNT,
    SKIP
  }

  /// @throws IllegalArgumentException for an extension that is none
  public PathGenJsonSettings {
    extension = extension.startsWith(".") ? extension.substring(1) : extension;
    if (!extension.toLowerCase(Locale.ROOT).matches("[a-z0-9]+")) {
      throw new IllegalArgumentException(
          "extension: '%s' is no file name ending; expected for example png".formatted(extension));
    }
  }
}
