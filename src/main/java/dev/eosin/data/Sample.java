package dev.eosin.data;

import dev.eosin.image.Raster;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// One image with its captions, before decoding.
///
/// @param key names the sample in messages and logs: a file path, `synthetic/train/17`, ...
/// @param image decodes the tile when asked
/// @param captions at least one where the source trains; empty for label-only evaluation sources
/// @param label class, for zero-shot evaluation
/// @param group slide, patient or original tile: samples of one group belong on one side of a split
public record Sample(
    String key,
    ImageReader image,
    List<Caption> captions,
    Optional<String> label,
    Optional<String> group) {
  /// Decodes one image; thread safe.
  @FunctionalInterface
  public interface ImageReader {
    /// In the colour mode of the file: transforms decide when to convert to RGB.
    ///
    /// @throws IOException naming the file and the reason, when the image cannot be read
    Raster read() throws IOException;

    /// The encoded file, where the image comes from one; equal bytes are equal images.
    ///
    /// @throws IOException naming the file and the reason
    default Optional<byte[]> encoded() throws IOException {
      return Optional.empty();
    }
  }

  public Sample {
    captions = List.copyOf(captions);
  }

  /// The captions without their weights.
  public List<String> texts() {
    return captions.stream().map(Caption::text).toList();
  }
}
