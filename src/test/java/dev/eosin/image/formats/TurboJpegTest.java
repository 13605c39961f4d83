package dev.eosin.image.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.eosin.config.DataException;
import dev.eosin.image.ImageFormatsTest;
import dev.eosin.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TurboJpegTest {
  private final Optional<TurboJpeg> library = TurboJpeg.find();

  @BeforeEach
  void needsTheLibrary() {
    assumeTrue(
        library.isPresent(), "no libturbojpeg: install the package libturbojpeg0 to run this test");
  }

  static Stream<Path> jpegs() throws IOException {
    return ImageDecoderTest.goldenFiles().filter(file -> file.toString().endsWith(".jpg"));
  }

  @ParameterizedTest
  @MethodSource("jpegs")
  void theLibraryChangesNoPixel(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);

    assertThat(outcome(bytes, library)).isEqualTo(outcome(bytes, Optional.empty()));
  }

  /// Damage that neither decoder notices may give coefficients that no encoder writes; on those the
  /// two round differently, so only what is read and what is refused is compared.
  @ParameterizedTest
  @MethodSource("jpegs")
  void theLibraryChangesNoVerdictOnDamagedFiles(Path file) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    SplittableRandom random = new SplittableRandom(whole.length);
    for (int round = 0; round < 60; round++) {
      byte[] damaged = whole.clone();
      if (round % 3 == 0) {
        damaged = Arrays.copyOf(whole, random.nextInt(whole.length));
      } else {
        for (int change = random.nextInt(1, 4); change > 0; change--) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
      }
      assertThat(verdict(damaged, library))
          .as("round %d", round)
          .isEqualTo(verdict(damaged, Optional.empty()));
    }
  }

  private static String verdict(byte[] bytes, Optional<TurboJpeg> library) {
    return outcome(bytes, library).replaceFirst("\\[.*", "");
  }

  /// The pixels, or why there are none.
  private static String outcome(byte[] bytes, Optional<TurboJpeg> library) {
    JpegDecoding jpeg = new JpegDecoding(library, OptionalInt.empty());
    try {
      Raster image = new ImageDecoder(4_000_000, ExifOrientation.IGNORE, jpeg).decode(bytes, "x");
      return image.getClass() + Arrays.toString(image.toRgb().pixels());
    } catch (DataException refused) {
      return String.valueOf(refused.getMessage());
    }
  }

  @ParameterizedTest
  @MethodSource("jpegs")
  void theUsualKindsAreDecodedByTheLibraryItself(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    String name = file.getFileName().toString();
    boolean unusual = name.matches(".*(cmyk|ycck|440).*");

    Optional<Raster> decoded = library.orElseThrow().decode(bytes, JpegHeader.parse(bytes), 1);

    assertThat(decoded.isEmpty()).isEqualTo(unusual);
  }

  /// Sides of 53 x 41 px, and the shortest side that is still enough.
  @ParameterizedTest
  @CsvSource({"41, 53, 41", "21, 53, 41", "20, 27, 21", "10, 14, 11", "5, 7, 6", "1, 7, 6"})
  void aReducedImageIsNoSmallerThanNeeded(int enough, int width, int height) throws IOException {
    JpegDecoding jpeg = new JpegDecoding(library, OptionalInt.of(enough));
    ImageDecoder decoder = new ImageDecoder(1_000_000, ExifOrientation.IGNORE, jpeg);
    Path file = ImageFormatsTest.FOLDER.resolve("files/jpeg-420.jpg");

    Raster reduced = decoder.decode(file);

    assertThat(reduced.width()).isEqualTo(width);
    assertThat(reduced.height()).isEqualTo(height);
    assertThat(decoder.exact().decode(file).width()).isEqualTo(53);
  }

  @Test
  void theVersionIsNamed() {
    assertThat(library.orElseThrow().version()).matches("[0-9.]+|of unknown version");
  }

  @Test
  void aFileThatIsNotTheLibraryIsRefused() {
    Path file = ImageFormatsTest.FOLDER.resolve("record.py");

    assertThatThrownBy(() -> TurboJpeg.at(file)).hasMessageEndingWith("is not a libturbojpeg");
  }
}
