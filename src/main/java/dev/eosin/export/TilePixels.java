package dev.eosin.export;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.Normalisation;
import java.util.List;
import java.util.stream.IntStream;

/// Images of one size as a model takes them and as its graphs do. b images.
final class TilePixels {
  private TilePixels() {}

  /// Normalised pixels [b,3,h,w] as a program without Eosin makes them.
  static TensorData normalised(List<RgbImage> images, Normalisation normalisation) {
    int each = 3 * images.getFirst().width() * images.getFirst().height();
    float[] values = new float[images.size() * each];
    for (int i = 0; i < images.size(); i++) {
      byte[] planes = new byte[each];
      images.get(i).writePlanar(planes, 0);
      System.arraycopy(normalisation.apply(planes), 0, values, i * each, each);
    }
    return TensorData.of(
        values, images.size(), 3, images.getFirst().height(), images.getFirst().width());
  }

  /// uint8 [b,3,h,w].
  static byte[] planar(List<RgbImage> images) {
    int each = 3 * images.getFirst().width() * images.getFirst().height();
    byte[] bytes = new byte[images.size() * each];
    for (int i = 0; i < images.size(); i++) {
      images.get(i).writePlanar(bytes, i * each);
    }
    return bytes;
  }

  /// One image a row.
  static BatchImages batch(List<RgbImage> images) {
    int[] rows = IntStream.range(0, images.size()).toArray();
    RgbImage first = images.getFirst();
    return new BatchImages(planar(images), first.height(), first.width(), rows);
  }
}
