package dev.eosin.data;

import dev.eosin.image.Raster;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// An image as an encoded file that lies somewhere: on disk, in a shard, in a table's row.
///
/// @param name stands for it in messages
/// @param source gives the encoded bytes when asked; thread safe
public record EncodedImage(String name, Bytes source, ImageDecoder decoder)
    implements Sample.ImageReader {
  /// Fetches an encoded file.
  @FunctionalInterface
  public interface Bytes {
    /// @throws IOException naming the place and the reason
    byte[] read() throws IOException;
  }

  /// An image file on disk.
  public static EncodedImage file(Path file, ImageDecoder decoder) {
    return new EncodedImage(file.toString(), () -> ImageDecoder.bytes(file), decoder);
  }

  @Override
  public Raster read() throws IOException {
    return decoder.decode(source.read(), name);
  }

  @Override
  public Optional<byte[]> encoded() throws IOException {
    return Optional.of(source.read());
  }
}
