package dev.eosin.data.tables;

import dev.eosin.data.EncodedImage;
import dev.eosin.data.Sample;
import dev.eosin.data.SamplePlace;
import dev.eosin.image.formats.ImageDecoder;
import java.nio.file.Files;
import java.nio.file.Path;

/// Tiles named after their slide and place, `<slide>_<x>_<y>.<extension>`, all in one folder or in
/// one folder for each slide.
///
/// @param real the folder with its links followed
/// @param extension of every tile, without the dot
public record TileFolder(Path path, String real, String extension, ImageDecoder decoder)
    implements ImageFiles {
  @Override
  public boolean has(String tile) {
    return Files.exists(file(tile));
  }

  @Override
  public String place(String tile) {
    return SamplePlace.below(real, tile + "." + extension);
  }

  @Override
  public Sample.ImageReader read(String tile) {
    return EncodedImage.file(file(tile), decoder);
  }

  private Path file(String tile) {
    String name = tile + "." + extension;
    Path flat = path.resolve(name);
    Path nested = path.resolve(tile.replaceFirst("_\\d+_\\d+$", "")).resolve(name);
    return Files.exists(flat) || !Files.exists(nested) ? flat : nested;
  }

  @Override
  public String toString() {
    return path.toAbsolutePath().toString();
  }
}
