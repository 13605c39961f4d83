package dev.eosin.image;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.image.formats.ExifOrientation;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.formats.JpegDecoding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Files made to be large, endless or half: one error, soon. `ImageDecoderTest` cuts and changes
/// every file of `image-formats`.
class HostileImagesTest {
  private static final ImageDecoder DECODER = new ImageDecoder();

  static List<byte[]> bombs() {
    return List.of(
        bmp(60_000, 60_000, 24, 0),
        bmp(60_000, -60_000, 8, 1),
        gif(60_000, 60_000, 1, 1),
        gif(1, 1, 60_000, 60_000),
        new TiffBytes().with(256, 60_000).with(257, 60_000).bigBytes(),
        new TiffBytes().with(256, 60_000).with(257, 60_000).with(259, 50_000).bytes(new byte[9]));
  }

  @ParameterizedTest
  @MethodSource("bombs")
  void hugeSizesAreRefusedBeforeDecoding(byte[] bomb) {
    assertThat(problemSoon(bomb))
        .matches(
            "x: an image of 6000[0-9] x 6000[0-9] px is larger than the limit of 89478485 pixels;"
                + " cut it into tiles");
  }

  @Test
  void runsThatEndEarlyAreTruncated() {
    assertThat(problemSoon(bmp(9_000, 9_000, 8, 1)))
        .isEqualTo("x: truncated BMP: it has 1200 bytes and should have at least 1201");
    byte[] ended = bmp(9_000, 9_000, 8, 1);
    ended[1079] = 1;

    assertThat(problemSoon(ended)).isEqualTo("x: truncated BMP: its runs end in row 1 of 9000");
  }

  @Test
  void sizesThatOverflowAreRefused() {
    assertThat(problemSoon(bmp(1, Integer.MIN_VALUE, 24, 0))).startsWith("x: ");
    assertThat(problemSoon(bmp(Integer.MIN_VALUE, 1, 24, 0))).startsWith("x: an image of -");
    assertThat(problemSoon(bmp(0, 0, 24, 0))).isEqualTo("x: an image of 0 x 0 px");
  }

  @Test
  void aGifWithoutAPictureIsRefused() {
    assertThat(problemSoon("GIF89a\1\0\1\0\0\0\0;".getBytes(US_ASCII)))
        .isEqualTo("x: a GIF without a picture in it");
    assertThat(problemSoon("GIF89a\1\0\1\0\0\0\0".getBytes(US_ASCII)))
        .startsWith("x: truncated GIF");
  }

  @Test
  void codesThatNothingDefinesAreCorrupt() {
    byte[] file = gif(1, 1, 4, 4);
    // Codes of 3 bits: the first is 7, of 6 that exist.
    byte[] codes = {2, 1, 7, 0};
    System.arraycopy(codes, 0, file, 23, codes.length);

    assertThat(problemSoon(file)).isEqualTo("x: corrupt GIF: a code that nothing has defined");
  }

  @Test
  void tilesThatContradictTheSizeAreRefused() {
    TiffBytes tiled = new TiffBytes().with(259, 50_000).with(322, 1 << 30).with(323, 1 << 30);

    assertThat(problemSoon(tiled.bytes(new byte[9])))
        .isEqualTo("x: corrupt TIFF: it says that its tiles are 1073741824 x 1073741824 px");
    assertThat(problemSoon(new TiffBytes().with(259, 50_000).without(273).bytes(new byte[9])))
        .isEqualTo("x: corrupt TIFF: it says where 0 of its 1 parts are");
  }

  @Test
  void brokenPackingIsCorrupt() {
    assertThat(problemSoon(new TiffBytes().with(259, 50_000).bytes(new byte[9])))
        .isEqualTo("x: corrupt TIFF: its zstd data cannot be unpacked");
    assertThat(problemSoon(new TiffBytes().with(259, 34_925).bytes(new byte[9])))
        .startsWith("x: corrupt image (Input is not in the XZ format)");
    assertThat(problemSoon(new TiffBytes().with(259, 50_000).with(279, 1 << 30).bytes(new byte[9])))
        .isEqualTo("x: truncated image: its data ends too early");
  }

  @Test
  void aProfileWithoutEndIsNoOrientation() throws IOException {
    byte[] half = "Raw profile type exif\0\nexif\n  9999\n45786".getBytes(US_ASCII);
    byte[] file = new PngBytes(1, 1, 8, 0).chunk("tEXt", half).withRows(new byte[] {7});
    ImageDecoder upright = new ImageDecoder(100, ExifOrientation.APPLY, JpegDecoding.JDK);

    assertThat(upright.decode(file, "x").toRgb().pixels()).containsExactly(7, 7, 7);
  }

  @Test
  void halfAGifIsRefused() throws IOException {
    Path file = ImageFormatsTest.FOLDER.resolve("files/gif-plain.gif");
    byte[] whole = Files.readAllBytes(file);

    assertThatThrownBy(() -> DECODER.decode(Arrays.copyOf(whole, whole.length / 2), "half.gif"))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("half.gif: truncated GIF");
  }

  private static String problemSoon(byte[] file) {
    return Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          try {
            DECODER.decode(file, "x");
            return "read";
          } catch (DataException refused) {
            return String.valueOf(refused.getMessage());
          }
        });
  }

  /// Nothing but zeros behind the palette.
  private static byte[] bmp(int width, int height, int bits, int compression) {
    ByteBuffer file = ByteBuffer.allocate(1200).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 'B').put((byte) 'M').putInt(1200).putInt(0).putInt(54 + 1024);
    file.putInt(40).putInt(width).putInt(height).putShort((short) 1).putShort((short) bits);
    return file.putInt(compression).array();
  }

  /// A canvas and one frame on it without any codes.
  private static byte[] gif(int width, int height, int frameWidth, int frameHeight) {
    ByteBuffer file = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
    file.put("GIF89a".getBytes(US_ASCII)).putShort((short) width).putShort((short) height);
    file.put(new byte[3]).put((byte) ',').putInt(0);
    return file.putShort((short) frameWidth).putShort((short) frameHeight).array();
  }
}
