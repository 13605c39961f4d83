package dev.eosin.eval.asking;

import dev.eosin.data.EncodedImage;
import dev.eosin.data.Sample;
import dev.eosin.file.FileDigest;
import dev.eosin.image.RgbImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What a question is about: an image, or several that are seen together.
///
/// @param name in files of answers: the images' files, or the key of the first sample that has it
/// @param digest of the images' bytes; pictures of one digest are the same picture
/// @param images each decodes when asked
public record Picture(String name, String digest, List<Sample.ImageReader> images) {
  public Picture {
    images = List.copyOf(images);
  }

  /// Reads the images' bytes; those that are drawn are drawn.
  ///
  /// @throws IOException naming what cannot be read
  static Picture of(Sample sample) throws IOException {
    var bytes = new FileDigest.Stream(OutputStream.nullOutputStream());
    for (Sample.ImageReader image : sample.images()) {
      Optional<byte[]> encoded = image.encoded();
      byte[] content = encoded.isPresent() ? encoded.get() : pixels(image.read().toRgb());
      // With their lengths, so that no two lists of images run together alike.
      bytes.write(ByteBuffer.allocate(Integer.BYTES).putInt(content.length).array());
      bytes.write(content);
    }
    return new Picture(name(sample), bytes.digest().sha256(), sample.images());
  }

  private static byte[] pixels(RgbImage image) {
    return ByteBuffer.allocate(2 * Integer.BYTES + image.pixels().length)
        .putInt(image.width())
        .putInt(image.height())
        .put(image.pixels())
        .array();
  }

  private static String name(Sample sample) {
    return sample.images().stream().allMatch(EncodedImage.class::isInstance)
        ? sample.images().stream()
            .map(image -> ((EncodedImage) image).name())
            .collect(Collectors.joining(" + "))
        : sample.key();
  }

  /// Decodes.
  ///
  /// @throws IOException naming the file and the reason
  List<RgbImage> read() throws IOException {
    List<RgbImage> read = new ArrayList<>();
    for (Sample.ImageReader image : images) {
      read.add(image.read().toRgb());
    }
    return read;
  }
}
