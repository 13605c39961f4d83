package dev.eosin.tiling;

import dev.eosin.config.DataException;
import dev.eosin.data.slides.ListedSlide;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.Jpeg;
import dev.eosin.slide.Contours;
import dev.eosin.slide.OverviewPicture;
import dev.eosin.slide.Slide;
import dev.eosin.slide.TileCoordinates;
import dev.eosin.slide.TileSelection;
import dev.eosin.slide.TilingSettings;
import java.nio.file.Files;
import java.nio.file.Path;

/// What of a slide is looked at, and what other programs read: `slides/SLIDE.jpg`, `.geojson` and,
/// where tiles are kept, `.h5`.
///
/// @param folder of the preparation
record SlidePictures(Path folder, String name) {
  private static final int QUALITY = 85;

  private Path file(String ending) {
    return folder.resolve("slides").resolve(name + ending);
  }

  /// Whether all are there.
  boolean complete(TileCounts counts) {
    return Files.exists(file(".jpg"))
        && Files.exists(file(".geojson"))
        && (counts.kept().isEmpty() || Files.exists(file(".h5")));
  }

  void write(
      ListedSlide listed,
      Slide slide,
      TileSelection selection,
      TilingSettings tiling,
      TileCounts counts)
      throws DataException {
    OverviewPicture picture =
        new OverviewPicture(selection).frame(counts.dropped(), false).frame(counts.kept(), true);
    byte[] jpeg = Jpeg.encode(picture.image(), QUALITY);
    AtomicFile.write(file(".jpg"), out -> out.write(jpeg));
    byte[] contours = Contours.of(selection.tissue()).geoJson();
    AtomicFile.write(file(".geojson"), out -> out.write(contours));
    if (!counts.kept().isEmpty()) {
      TileCoordinates.write(
          file(".h5"), listed.name(), slide, selection.plan(), tiling, counts.kept());
    }
  }
}
