package dev.eosin.api;

import dev.eosin.image.Raster;
import dev.eosin.image.formats.BufferedImages;
import dev.eosin.image.formats.ImageDecoder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;

/// An image that a model looks at: a file, its bytes, or what a program drew or cut out of a slide.
public sealed interface Tile {
  /// Stands for it in messages.
  String name();

  /// An image file: JPEG, PNG, TIFF, WebP, BMP, GIF.
  static Tile file(Path path) {
    return new OfFile(path);
  }

  /// An image file's bytes, which must not change.
  static Tile encoded(byte[] bytes, String name) {
    return new OfBytes(bytes, name);
  }

  /// An image in memory, which must not change; its stored colours are taken as they are.
  static Tile of(BufferedImage image, String name) {
    return new OfImage(image, name);
  }

  /// Decodes it.
  ///
  /// @throws IOException naming it and the reason
  Raster read(ImageDecoder decoder) throws IOException;

  /// See [Tile#file].
  record OfFile(Path path) implements Tile {
    @Override
    public String name() {
      return path.toString();
    }

    @Override
    public Raster read(ImageDecoder decoder) throws IOException {
      return decoder.decode(path);
    }
  }

  /// See [Tile#encoded].
  record OfBytes(byte[] bytes, String name) implements Tile {
    @Override
    public Raster read(ImageDecoder decoder) throws IOException {
      return decoder.decode(bytes, name);
    }
  }

  /// See [Tile#of].
  record OfImage(BufferedImage image, String name) implements Tile {
    @Override
    public Raster read(ImageDecoder decoder) throws IOException {
      try {
        return BufferedImages.toRaster(image);
      } catch (IOException e) {
        throw new IOException(name + ": " + e.getMessage(), e);
      }
    }
  }
}
