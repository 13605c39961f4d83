package dev.eosin.image.formats;

import static dev.eosin.image.PngBytes.bytes;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.ParityCase;
import dev.eosin.config.DataException;
import dev.eosin.image.ImageFormatsTest;
import dev.eosin.image.PngBytes;
import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
  private static final ImageDecoder DECODER = new ImageDecoder();

  @Test
  void sixteenBitColourKeepsItsHighBytes() throws IOException {
    byte[] rgb = new PngBytes(1, 1, 16, 2).withRows(bytes(10, 200, 20, 0, 250, 99));

    assertThat(pixels(rgb)).containsExactly(10, 20, 250);
  }

  @Test
  void smallGreyDepthsAreSpreadToTheWholeRange() throws IOException {
    byte[] two = new PngBytes(4, 1, 2, 0).withRows(new byte[] {0b00_01_10_11});
    byte[] four = new PngBytes(2, 1, 4, 0).withRows(new byte[] {(byte) 0x5F});

    assertThat(reds(two)).containsExactly(0, 85, 170, 255);
    assertThat(reds(four)).containsExactly(85, 255);
  }

  @Test
  void twoLevelImagesAreBlackAndWhite() throws IOException {
    byte[] one = new PngBytes(3, 1, 1, 0).withRows(new byte[] {0b010_00000});

    assertThat(decode(one)).isInstanceOf(Raster.Paletted.class);
    assertThat(reds(one)).containsExactly(0, 255, 0);
  }

  @Test
  void aTransparentColourAddsNoAlpha() throws IOException {
    byte[] rgb =
        new PngBytes(1, 1, 8, 2)
            .chunk("tRNS", bytes(0, 1, 0, 2, 0, 3))
            .withRows(new byte[] {1, 2, 3});
    byte[] grey = new PngBytes(1, 1, 8, 0).chunk("tRNS", bytes(0, 7)).withRows(new byte[] {7});

    assertThat(decode(rgb)).isInstanceOf(RgbImage.class);
    assertThat(pixels(rgb)).containsExactly(1, 2, 3);
    assertThat(pixels(grey)).containsExactly(7, 7, 7);
  }

  @Test
  void aPaletteIsKeptUntilConversion() throws IOException {
    byte[] palette =
        new PngBytes(2, 1, 8, 3)
            .chunk("PLTE", bytes(9, 8, 7, 200, 100, 50))
            .withRows(new byte[] {1, 0});

    assertThat(decode(palette)).isInstanceOf(Raster.Paletted.class);
    assertThat(pixels(palette)).containsExactly(200, 100, 50, 9, 8, 7);
  }

  @Test
  void alphaIsDroppedAndNotBlended() throws IOException {
    byte[] rgba = new PngBytes(1, 1, 8, 6).withRows(bytes(200, 100, 50, 0));
    byte[] greyAlpha = new PngBytes(1, 1, 8, 4).withRows(bytes(77, 3));

    assertThat(pixels(rgba)).containsExactly(200, 100, 50);
    assertThat(pixels(greyAlpha)).containsExactly(77, 77, 77);
  }

  @Test
  void inksAreMultipliedWithTheLightThatBlackLeaves() {
    byte[] inks = bytes(0, 128, 255, 0, 0, 128, 255, 100, 10, 20, 30, 255);

    RgbImage rgb = new Raster.Bands(Raster.Mode.CMYK, 3, 1, inks).toRgb();

    assertThat(unsigned(rgb.pixels())).containsExactly(255, 127, 0, 155, 77, 0, 0, 0, 0);
  }

  @Test
  void lumaAndChromaOfInksBecomeInks() {
    byte[] samples = bytes(90, 128, 128, 40);

    LumaChroma.toRgb(samples, 4);

    assertThat(unsigned(samples)).containsExactly(90, 90, 90, 215);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "LZW", "Deflate", "PackBits"})
  void tiffIsReadWithEveryLosslessCompression(String compression) throws IOException {
    BufferedImage image = new BufferedImage(37, 23, BufferedImage.TYPE_3BYTE_BGR);
    for (int y = 0; y < 23; y++) {
      for (int x = 0; x < 37; x++) {
        image.setRGB(x, y, x * 6 << 16 | y * 9 << 8 | x * y % 256);
      }
    }

    byte[] tiff = encode(image, "tiff", compression);

    int[] expected = new int[3 * 37 * 23];
    for (int i = 0; i < 37 * 23; i++) {
      int colour = image.getRGB(i % 37, i / 37);
      expected[3 * i] = colour >> 16 & 0xFF;
      expected[3 * i + 1] = colour >> 8 & 0xFF;
      expected[3 * i + 2] = colour & 0xFF;
    }
    assertThat(pixels(tiff)).containsExactly(expected);
  }

  static Stream<Path> goldenFiles() throws IOException {
    try (Stream<Path> photographs = Files.list(ParityCase.open("preprocess").file("images"));
        Stream<Path> kinds = Files.list(ImageFormatsTest.FOLDER.resolve("files"))) {
      return Stream.concat(photographs, kinds).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void everyTruncationOfAFileIsReadOrRefusedInOneLine(Path file) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    String name = file.getFileName().toString();
    int step = Math.max(1, whole.length / 40);
    for (int length = 0; length < whole.length; length += step) {
      String problem = problemOf(Arrays.copyOf(whole, length), name);

      if (length < whole.length - 64) {
        assertThat(problem).as("cut to %d bytes", length).startsWith(name + ": ");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void mutatedFilesAreReadOrRefusedInOneLine(Path file) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    String name = file.getFileName().toString();
    SplittableRandom random = new SplittableRandom(name.hashCode());
    for (int round = 0; round < 100; round++) {
      byte[] mutated = whole.clone();
      for (int change = random.nextInt(1, 6); change > 0; change--) {
        int limit = random.nextBoolean() ? Math.min(200, mutated.length) : mutated.length;
        mutated[random.nextInt(limit)] = (byte) random.nextInt(256);
      }
      String problem = problemOf(mutated, name);

      assertThat(problem).matches("|" + name.replace(".", "\\.") + ": \\P{Cntrl}+");
    }
  }

  /// The message of the one exception that may come, or nothing when the bytes can be read.
  private static String problemOf(byte[] bytes, String name) {
    return Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          try {
            Raster image =
                new ImageDecoder(4_000_000, ExifOrientation.IGNORE, JpegDecoding.JDK)
                    .decode(bytes, name);
            assertThat(image.toRgb().pixels()).hasSize(3 * image.width() * image.height());
            return "";
          } catch (DataException refused) {
            return String.valueOf(refused.getMessage());
          }
        });
  }

  static List<byte[]> bombs() throws IOException {
    return List.of(
        new PngBytes(60_000, 60_000, 8, 2).withRows(new byte[0]),
        tiffBomb(),
        webpBomb(),
        jpegBomb());
  }

  @ParameterizedTest
  @MethodSource("bombs")
  void anImageAboveTheLimitIsRefusedBeforeDecoding(byte[] bomb) {
    assertThatThrownBy(() -> DECODER.decode(bomb, "bomb"))
        .isInstanceOf(DataException.class)
        .hasMessageMatching(
            "bomb: an image of (60000 x 60000|16384 x 16384) px is larger than the limit of"
                + " 89478485 pixels; cut it into tiles");
  }

  private static byte[] jpegBomb() {
    byte[] frame = bytes(0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0xEA, 0x60, 0xEA, 0x60, 1, 1, 0x11, 0);
    return Arrays.copyOf(frame, 100);
  }

  /// The largest that WebP can say.
  private static byte[] webpBomb() {
    ByteBuffer file = ByteBuffer.allocate(60).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(US_ASCII)).putInt(52).put("WEBPVP8L".getBytes(US_ASCII)).putInt(40);
    return file.put((byte) 0x2F).putInt(0x0FFF_FFFF).array();
  }

  private static byte[] tiffBomb() {
    int[][] fields = {
      {256, 60_000}, {257, 60_000}, {258, 8}, {259, 1}, {262, 1}, {273, 8}, {278, 60_000}, {279, 1}
    };
    ByteBuffer file = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
    file.put("II*\0".getBytes(US_ASCII)).putInt(8).putShort((short) fields.length);
    for (int[] field : fields) {
      file.putShort((short) field[0]).putShort((short) 4).putInt(1).putInt(field[1]);
    }
    return file.array();
  }

  @Test
  void tiffsThatAskForMonstrousTilesAreRefused() {
    byte[] bomb = tiffBomb();
    ByteBuffer file = ByteBuffer.wrap(bomb).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(18, 100).putInt(30, 100).putShort(70, (short) 322).putInt(78, 2_000_000_000);
    file.putShort(82, (short) 323).putInt(90, 2_000_000_000);

    assertThatThrownBy(() -> DECODER.decode(bomb, "bomb"))
        .hasMessage("bomb: corrupt TIFF: it says that its tiles are 2000000000 x 2000000000 px");
  }

  @Test
  void animationsAreRefused() {
    byte[] animation = webpBomb();
    animation[15] = 'X';
    animation[20] = 2;

    assertThatThrownBy(() -> DECODER.decode(animation, "a.webp"))
        .hasMessage("a.webp: an animated WebP; save one of its pictures");
  }

  @Test
  void missingEmptyAndForeignFilesAreNamed(@TempDir Path folder) throws IOException {
    Path missing = folder.resolve("missing.png");
    Path empty = Files.createFile(folder.resolve("empty.png"));
    Path text = Files.writeString(folder.resolve("text.jpg"), "not an image");

    assertThatThrownBy(() -> DECODER.decode(missing))
        .hasMessage(missing + ": the file does not exist");
    assertThatThrownBy(() -> DECODER.decode(empty)).hasMessage(empty + ": the file is empty");
    assertThatThrownBy(() -> DECODER.decode(text))
        .hasMessage(text + ": not a PNG, JPEG, TIFF, WebP, BMP or GIF image");
    assertThatThrownBy(() -> DECODER.decode(folder)).isInstanceOf(DataException.class);
  }

  @Test
  void aJpegCutOffInTheMiddleIsTruncated() throws IOException {
    byte[] whole = Files.readAllBytes(ParityCase.own("preprocess").file("images/rgb_q90.jpg"));

    assertThatThrownBy(() -> DECODER.decode(Arrays.copyOf(whole, whole.length / 2), "half.jpg"))
        .hasMessage("half.jpg: truncated JPEG: its image data ends too early");
  }

  @Test
  void frameTypesThatNoDecoderHereKnowsAreNamed() {
    byte[] arithmetic = new byte[40];
    byte[] start = {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, (byte) 0xC9, 0, 11, 8};
    System.arraycopy(start, 0, arithmetic, 0, start.length);

    assertThatThrownBy(() -> DECODER.decode(arithmetic, "a.jpg"))
        .hasMessage("a.jpg: a JPEG of frame type 0xC9; save it as baseline or progressive JPEG");
  }

  private static byte[] encode(BufferedImage image, String format, String compression)
      throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var output = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(output);
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      if (!compression.equals("none")) {
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionType(compression);
      }
      writer.write(null, new IIOImage(image, null, null), parameters);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static Raster decode(byte[] bytes) throws IOException {
    return DECODER.decode(bytes, "test");
  }

  private static int[] pixels(byte[] file) throws IOException {
    return unsigned(decode(file).toRgb().pixels());
  }

  private static List<Integer> reds(byte[] file) throws IOException {
    int[] pixels = pixels(file);
    return IntStream.range(0, pixels.length / 3).mapToObj(i -> pixels[3 * i]).toList();
  }

  private static int[] unsigned(byte[] bytes) {
    int[] values = new int[bytes.length];
    Arrays.setAll(values, i -> bytes[i] & 0xFF);
    return values;
  }
}
