package dev.eosin.data.tables;

import dev.eosin.data.EncodedImage;
import dev.eosin.data.Sample;
import dev.eosin.data.SamplePlace;
import dev.eosin.image.formats.ImageDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The folder that the image paths of a table start from.
///
/// @param real the same with its links followed
public record ImageFolder(Path path, String real, ImageDecoder decoder) implements ImageFiles {
  /// @param images the setting; without it the folder that the table lies in
  public static ImageFolder of(Optional<Path> images, Path table, ImageDecoder decoder) {
    Path folder = images.orElseGet(() -> table.resolveSibling(""));
    return new ImageFolder(folder, SamplePlace.real(folder), decoder);
  }

  @Override
  public boolean has(String image) {
    return Files.exists(path.resolve(image));
  }

  /// Whether a file has the name.
  boolean hasFile(String image) {
    return Files.isRegularFile(path.resolve(image));
  }

  @Override
  public String place(String image) {
    return SamplePlace.below(real, image);
  }

  @Override
  public Sample.ImageReader read(String image) {
    return EncodedImage.file(path.resolve(image), decoder);
  }

  @Override
  public String toString() {
    return path.toAbsolutePath().toString();
  }
}
