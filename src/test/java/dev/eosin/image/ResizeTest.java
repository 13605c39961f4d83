package dev.eosin.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ResizeTest {
  @ParameterizedTest
  @EnumSource(Filter.class)
  void theSameSizeGivesTheSamePixels(Filter filter) {
    RgbImage image = noise(19, 13, 1);

    Raster resized = Resize.whole(19, 13, 19, 13, filter).apply(image);

    assertThat(((RgbImage) resized).pixels()).isEqualTo(image.pixels());
  }

  @ParameterizedTest
  @CsvSource({"40, 30, 7, 5", "7, 5, 40, 30", "1, 50, 9, 9", "64, 64, 1, 1", "3, 9, 3, 4"})
  void aConstantImageStaysConstant(int width, int height, int newWidth, int newHeight) {
    byte[] pixels = new byte[3 * width * height];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i % 3 == 0 ? 255 : i % 3 == 1 ? 0 : 137);
    }

    Raster resized =
        Resize.whole(width, height, newWidth, newHeight, Filter.BICUBIC)
            .apply(new RgbImage(width, height, pixels));

    byte[] expected = Arrays.copyOf(repeat(pixels, newWidth * newHeight), 3 * newWidth * newHeight);
    assertThat(((RgbImage) resized).pixels()).isEqualTo(expected);
  }

  private static byte[] repeat(byte[] pixels, int count) {
    byte[] repeated = new byte[3 * count];
    for (int i = 0; i < repeated.length; i++) {
      repeated[i] = pixels[i % 3];
    }
    return repeated;
  }

  @Test
  void keepingAPartComputesThatPartOfTheWhole() {
    SplittableRandom random = new SplittableRandom(5);
    for (int round = 0; round < 60; round++) {
      RgbImage image = noise(random.nextInt(1, 60), random.nextInt(1, 60), round);
      int width = random.nextInt(1, 60);
      int height = random.nextInt(1, 60);
      Window from = part(random, image.width(), image.height());
      Window keep = part(random, width, height);
      Window all = Window.whole(width, height);

      Raster whole = new Resize(from, width, height, all, Filter.BICUBIC).apply(image);
      Raster part = new Resize(from, width, height, keep, Filter.BICUBIC).apply(image);

      assertThat(((RgbImage) part).pixels()).isEqualTo(crop((RgbImage) whole, keep).pixels());
    }
  }

  @Test
  void resizingAWindowEqualsCroppingFirst() {
    SplittableRandom random = new SplittableRandom(6);
    for (int round = 0; round < 60; round++) {
      RgbImage image = noise(random.nextInt(1, 60), random.nextInt(1, 60), round);
      Window from = part(random, image.width(), image.height());
      Window keep = Window.whole(17, 23);

      Raster window = new Resize(from, 17, 23, keep, Filter.BILINEAR).apply(image);
      Raster cropped =
          Resize.whole(from.width(), from.height(), 17, 23, Filter.BILINEAR)
              .apply(crop(image, from));

      assertThat(((RgbImage) window).pixels()).isEqualTo(((RgbImage) cropped).pixels());
    }
  }

  @Test
  void everyBandCountIsResizedLikeSeparateGreyImages() {
    SplittableRandom random = new SplittableRandom(7);
    byte[] samples = new byte[4 * 31 * 22];
    random.nextBytes(samples);

    Raster together =
        Resize.whole(31, 22, 12, 9, Filter.BICUBIC)
            .apply(new Raster.Bands(Raster.Mode.CMYK, 31, 22, samples));

    for (int band = 0; band < 4; band++) {
      Raster alone =
          Resize.whole(31, 22, 12, 9, Filter.BICUBIC)
              .apply(new Raster.Bands(Raster.Mode.GREY, 31, 22, everyFourth(samples, band)));
      assertThat(everyFourth(((Raster.Bands) together).samples(), band))
          .isEqualTo(((Raster.Bands) alone).samples());
    }
  }

  private static byte[] everyFourth(byte[] samples, int first) {
    byte[] band = new byte[samples.length / 4];
    for (int i = 0; i < band.length; i++) {
      band[i] = samples[4 * i + first];
    }
    return band;
  }

  @Test
  void transparentPixelsDoNotBleedTheirColour() {
    byte[] samples = new byte[4 * 8];
    for (int i = 0; i < samples.length; i += 4) {
      boolean opaque = i < samples.length / 2;
      samples[i] = (byte) (opaque ? 200 : 0);
      samples[i + 3] = (byte) (opaque ? 255 : 0);
    }

    Raster resized =
        Resize.whole(8, 1, 2, 1, Filter.BILINEAR)
            .apply(new Raster.Bands(Raster.Mode.RGB_ALPHA, 8, 1, samples));

    assertThat(resized.toRgb().pixels()[0] & 0xFF).isBetween(199, 200);
  }

  @Test
  void paletteImagesTakeTheNearestIndex() {
    byte[] indices = {0, 1, 2, 3, 4, 5};

    Raster resized =
        Resize.whole(6, 1, 3, 1, Filter.BICUBIC)
            .apply(new Raster.Paletted(6, 1, indices, new byte[768]));

    assertThat(((Raster.Paletted) resized).indices()).containsExactly(1, 3, 5);
  }

  @Test
  void windowsOutsideTheImageAreRefused() {
    RgbImage image = noise(10, 10, 0);
    Window tooFar = new Window(5, 0, 6, 10);
    Resize resize = new Resize(tooFar, 4, 4, Window.whole(4, 4), Filter.BICUBIC);

    assertThatThrownBy(() -> resize.apply(image))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not inside an image of 10 x 10 px");
    assertThatThrownBy(() -> new Resize(tooFar, 4, 4, Window.whole(5, 4), Filter.BICUBIC))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Window part(SplittableRandom random, int width, int height) {
    int partWidth = random.nextInt(1, width + 1);
    int partHeight = random.nextInt(1, height + 1);
    return new Window(
        random.nextInt(width - partWidth + 1),
        random.nextInt(height - partHeight + 1),
        partWidth,
        partHeight);
  }

  private static RgbImage crop(RgbImage image, Window window) {
    byte[] pixels = new byte[3 * window.width() * window.height()];
    for (int y = 0; y < window.height(); y++) {
      int in = 3 * ((window.top() + y) * image.width() + window.left());
      System.arraycopy(image.pixels(), in, pixels, 3 * y * window.width(), 3 * window.width());
    }
    return new RgbImage(window.width(), window.height(), pixels);
  }

  private static RgbImage noise(int width, int height, long seed) {
    byte[] pixels = new byte[3 * width * height];
    new SplittableRandom(seed).nextBytes(pixels);
    return new RgbImage(width, height, pixels);
  }
}
