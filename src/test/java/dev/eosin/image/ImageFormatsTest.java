package dev.eosin.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.image.formats.ExifOrientation;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.formats.JpegDecoding;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Pixels of small files of every kind against Pillow's; the folder's README says how they were
/// made.
public class ImageFormatsTest {
  public static final Path FOLDER = Path.of(URI.create(resource("/image-formats").toString()));

  /// Largest difference in levels, where it is not 0. The JDK's libjpeg repeats chroma rows that
  /// Pillow's interpolates, in the one sampling that has half the rows and all the columns.
  private static final Map<String, Integer> TOLERANCE = Map.of("jpeg-440.jpg", 17);

  private static StoredTensors expected;

  private static URL resource(String name) {
    return Objects.requireNonNull(ImageFormatsTest.class.getResource(name));
  }

  @BeforeAll
  static void open() throws IOException {
    expected = StoredTensors.open(FOLDER.resolve("expected.safetensors"));
  }

  @AfterAll
  static void close() {
    expected.close();
  }

  static Stream<String> files() {
    return expected.names().stream()
        .filter(name -> name.endsWith(".rgb"))
        .map(name -> name.substring(0, name.length() - 4));
  }

  @ParameterizedTest
  @MethodSource("files")
  void pixelsArePillows(String file) throws IOException {
    compare(file, decode(file, ExifOrientation.IGNORE).toRgb(), file + ".rgb");
  }

  /// Resizing happens in the file's colour mode, so this tells whether the mode is Pillow's.
  @ParameterizedTest
  @MethodSource("files")
  void modesArePillows(String file) throws IOException {
    Raster image = decode(file, ExifOrientation.IGNORE);
    Resize resize = Resize.whole(image.width(), image.height(), 17, 13, Filter.BICUBIC);

    compare(file, resize.apply(image).toRgb(), file + ".resized");
  }

  @ParameterizedTest
  @MethodSource("files")
  void imagesAreTurnedUprightLikePillows(String file) throws IOException {
    String upright = file + ".upright";
    String name = expected.names().contains(upright) ? upright : file + ".rgb";

    compare(file, decode(file, ExifOrientation.APPLY).toRgb(), name);
  }

  static List<String> taken() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER.resolve("taken"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".expected.png"))
          .map(name -> name.substring(0, name.length() - ".expected.png".length()))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("taken")
  void filesOfOthersArePillowsPictures(String file) throws IOException {
    ImageDecoder decoder =
        new ImageDecoder(ImageDecoder.DEFAULT_MAX_PIXELS, ExifOrientation.APPLY, JpegDecoding.JDK);
    RgbImage image = decoder.decode(FOLDER.resolve("taken").resolve(file)).toRgb();
    RgbImage picture = decoder.decode(FOLDER.resolve("taken/" + file + ".expected.png")).toRgb();

    assertThat(image.width()).isEqualTo(picture.width());
    assertThat(image.height()).isEqualTo(picture.height());
    assertThat(image.pixels()).containsExactly(picture.pixels());
  }

  private static Raster decode(String file, ExifOrientation orientation) throws IOException {
    ImageDecoder decoder =
        new ImageDecoder(ImageDecoder.DEFAULT_MAX_PIXELS, orientation, JpegDecoding.JDK);
    return decoder.decode(FOLDER.resolve("files").resolve(file));
  }

  private static void compare(String file, RgbImage image, String name) throws IOException {
    long[] pixels = expected.longs(name);
    assertThat(expected.entry(name).shape())
        .containsExactly((long) image.height(), (long) image.width(), 3L);
    long largest = 0;
    for (int i = 0; i < pixels.length; i++) {
      largest = Math.max(largest, Math.abs(pixels[i] - (image.pixels()[i] & 0xFF)));
    }
    assertThat(largest).isLessThanOrEqualTo(TOLERANCE.getOrDefault(file, 0));
  }
}
