package dev.eosin.data.quality;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.config.Pixels;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.image.Filter;
import dev.eosin.image.Resize;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PerceptualHashTest {
  private final List<RgbImage> tiles = new ArrayList<>();

  @BeforeEach
  void drawTiles() throws IOException {
    var settings = new SyntheticSettings(24, SyntheticSettings.Split.TRAIN, new Pixels(96), 0);
    Source source = Sources.open(settings, new ImageDecoder());
    for (long index = 0; index < source.size(); index++) {
      tiles.add(source.get(index).image().read().toRgb());
    }
  }

  private static PerceptualHash hash(RgbImage image) {
    return PerceptualHash.of(image).orElseThrow();
  }

  @Test
  void aCopyThatWasSavedAgainOrResizedIsNear() throws IOException {
    for (RgbImage tile : tiles) {
      assertThat(hash(tile).distance(hash(jpeg(tile)))).isLessThanOrEqualTo(4);
      RgbImage smaller =
          Resize.whole(tile.width(), tile.height(), 75, 75, Filter.BICUBIC).apply(tile).toRgb();
      assertThat(hash(tile).distance(hash(smaller))).isLessThanOrEqualTo(4);
    }
  }

  /// But for a bit: shrinking rounds between its horizontal and its vertical pass.
  @Test
  void everyOrientationOfAPictureIsEqual() {
    for (RgbImage tile : tiles) {
      RgbImage turned = tile;
      for (int turn = 0; turn < 4; turn++) {
        assertThat(hash(tile).distance(hash(turned))).isLessThanOrEqualTo(1);
        assertThat(hash(tile).distance(hash(mirrored(turned)))).isLessThanOrEqualTo(1);
        turned = turned(turned);
      }
    }
  }

  @Test
  void otherPicturesAreFar() {
    for (int one = 0; one < tiles.size(); one++) {
      for (int other = 0; other < one; other++) {
        assertThat(hash(tiles.get(one)).distance(hash(tiles.get(other)))).isGreaterThan(4);
      }
    }
  }

  @Test
  void anEmptyPictureHasNone() {
    byte[] glass = new byte[3 * 64 * 64];
    Arrays.fill(glass, (byte) 244);
    assertThat(PerceptualHash.of(new RgbImage(64, 64, glass))).isEmpty();
  }

  private static RgbImage mirrored(RgbImage image) {
    int side = image.width();
    return mapped(image, (x, y) -> y * side + side - 1 - x);
  }

  private static RgbImage turned(RgbImage image) {
    int side = image.width();
    return mapped(image, (x, y) -> (side - 1 - x) * side + y);
  }

  private interface From {
    int pixel(int x, int y);
  }

  private static RgbImage mapped(RgbImage image, From from) {
    int side = image.width();
    byte[] pixels = new byte[image.pixels().length];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        System.arraycopy(image.pixels(), 3 * from.pixel(x, y), pixels, 3 * (y * side + x), 3);
      }
    }
    return new RgbImage(side, side, pixels);
  }

  static RgbImage jpeg(RgbImage image) throws IOException {
    var picture = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    byte[] pixels = image.pixels();
    for (int i = 0; i < image.width() * image.height(); i++) {
      int rgb =
          (pixels[3 * i] & 255) << 16 | (pixels[3 * i + 1] & 255) << 8 | pixels[3 * i + 2] & 255;
      picture.setRGB(i % image.width(), i / image.width(), rgb);
    }
    var out = new ByteArrayOutputStream();
    ImageIO.write(picture, "jpeg", out);
    return new ImageDecoder().decode(out.toByteArray(), "copy.jpg").toRgb();
  }
}
