package dev.eosin.image;

import static dev.eosin.image.PngBytes.bytes;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What is not read is refused with its name and a cure, and never called corrupt.
class UnsupportedImagesTest {
  private static final ImageDecoder DECODER = new ImageDecoder();
  private static final int[] NO_MASKS = {};

  @Test
  void jpeg2000IsRefusedWithACure() {
    assertThatThrownBy(
            () -> DECODER.decode(ImageFormatsTest.FOLDER.resolve("taken/16bit.cropped.jp2")))
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith(
            "16bit.cropped.jp2: a JPEG 2000 image, which is not supported; convert it, for example"
                + " with OpenJPEG: opj_decompress -i x.jp2 -o x.png");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = true,
      textBlock =
          """
          FF 4F FF 51 00 29                   | a JPEG 2000 image, which
          FF 0A FA 7F                         | a JPEG XL image, which
          00 00 00 20 66 74 79 70 61 76 69 66 | an AVIF image, which
          00 00 00 20 66 74 79 70 68 65 69 63 | a HEIF image, which
          50 36 0A 34                         | a portable map (PBM, PGM, PPM, PAM), which
          38 42 50 53 00 01                   | a Photoshop document, which
          00 00 01 00 01 00 10 10             | an icon, which
          28 00 00 00 7F 00 00 00             | a bitmap without the header of a BMP file, which
          5A 49 53 52 41 57 46 49 4C 45       | a Zeiss CZI slide, which
          89 48 44 46 0D 0A 1A 0A             | an HDF5 file, which
          25 50 44 46 2D 31                   | a PDF document, which
          0A 3C 21 44 4F 43                   | a page of HTML or another text in angle brackets,
          1F 8B 08 00                         | a packed file, which
          76 65 72 73 69 6F 6E 20 68 74 74 70 73 3A 2F 2F 67 69 74 2D 6C 66 73 | a pointer of Git LFS
          """)
  void foreignFormatsAreNamed(String start, String sentence) {
    String message = problem(bytes(hex(start)));

    assertThat(message).startsWith("x: " + sentence).contains("not supported; ");
    assertThat(message).doesNotContain("corrupt");
  }

  @Test
  void aDicomFileIsNamed() {
    byte[] file = new byte[200];
    System.arraycopy("DICM".getBytes(ISO_8859_1), 0, file, 128, 4);

    assertThat(problem(file)).startsWith("x: a DICOM file, which is not supported; convert it");
  }

  static List<Arguments> tiffs() {
    return List.of(
        Arguments.of("samples of 32 bits", new TiffBytes().with(258, 32)),
        Arguments.of(
            "floating-point samples of 32 bits", new TiffBytes().with(258, 32).with(339, 3)),
        Arguments.of("signed samples of 16 bits", new TiffBytes().with(258, 16).with(339, 2)),
        Arguments.of(
            "16 bits of grey whose zero is white", new TiffBytes().with(258, 16).with(262, 0)),
        Arguments.of("10 bits of grey", new TiffBytes().with(258, 10)),
        Arguments.of("no photometric interpretation", new TiffBytes().without(262)),
        Arguments.of("luma and chroma (YCbCr) outside", new TiffBytes().with(262, 6).with(277, 3)),
        Arguments.of("CIELAB colours of the ICC", new TiffBytes().with(262, 9).with(277, 3)),
        Arguments.of(
            "CIELAB colours of 3 samples of 16",
            new TiffBytes().with(262, 8).with(277, 3).with(258, 16)),
        Arguments.of(
            "4 inks, or others than", new TiffBytes().with(262, 5).with(277, 4).with(332, 2)),
        Arguments.of("2 grey bands", new TiffBytes().with(277, 2)),
        Arguments.of("5 bands of RGB", new TiffBytes().with(262, 2).with(277, 5)),
        Arguments.of("a palette and 2 samples", new TiffBytes().with(262, 3).with(277, 2)),
        Arguments.of("a transparency mask", new TiffBytes().with(262, 4)),
        Arguments.of("compression 50001 (WebP)", new TiffBytes().with(259, 50001)),
        Arguments.of("compression 6 (JPEG of the old kind)", new TiffBytes().with(259, 6)),
        Arguments.of("compression 99 (an unknown method)", new TiffBytes().with(259, 99)),
        Arguments.of(
            "a JPEG for each band",
            new TiffBytes().with(259, 7).with(262, 2).with(277, 3).with(284, 2)));
  }

  @ParameterizedTest
  @MethodSource("tiffs")
  void kindsOfTiffAreNamed(String kind, TiffBytes tiff) {
    assertThat(problem(tiff.bytes(new byte[100])))
        .startsWith("x: a TIFF with " + kind)
        .endsWith(
            "is not supported; convert it, for example with ImageMagick: magick x.tif -depth 8"
                + " x.png");
    assertThat(problem(tiff.bigBytes())).startsWith("x: a TIFF with " + kind);
  }

  @Test
  void aSlideOfJpeg2000IsNamed() {
    assertThat(problem(new TiffBytes().with(259, 33005).bytes(new byte[100])))
        .startsWith("x: a TIFF compressed with JPEG 2000, as whole slides are; cut tiles");
  }

  static Stream<Arguments> bitmaps() {
    return Stream.of(
        Arguments.of("a JPEG inside", bitmap(0, 4, NO_MASKS)),
        Arguments.of("a PNG inside", bitmap(0, 5, NO_MASKS)),
        Arguments.of("3 bits a pixel", bitmap(3, 0, NO_MASKS)),
        Arguments.of("compression 1 at 24 bits a pixel", bitmap(24, 1, NO_MASKS)),
        Arguments.of("the bit fields 00FF00FF,", bitmap(32, 3, 0xFF00FF, 0xFF00, 0xFF)),
        Arguments.of("the bit fields 00000000,", bitmap(16, 3, 0, 0x3E0, 0x1F)));
  }

  @ParameterizedTest
  @MethodSource("bitmaps")
  void kindsOfBmpAreNamed(String kind, byte[] bitmap) {
    assertThat(problem(bitmap))
        .startsWith("x: a BMP with " + kind)
        .endsWith("is not supported; convert it, for example with ImageMagick: magick x.bmp x.png");
  }

  /// Kinds that Pillow refuses and of whose meaning there is no doubt.
  @Test
  void bitFieldsOfAnyWidthAreSpread() throws IOException {
    byte[] wide = bitmap(32, 3, 0x3FF00000, 0xFFC00, 0x3FF);
    ByteBuffer.wrap(wide).order(ByteOrder.LITTLE_ENDIAN).putInt(66, 1023 << 20 | 512 << 10 | 1);
    byte[] narrow = bitmap(16, 3, 0x0F00, 0x00F0, 0x000F);
    ByteBuffer.wrap(narrow).order(ByteOrder.LITTLE_ENDIAN).putShort(66, (short) 0xF3A5);

    assertThat(DECODER.decode(wide, "wide").toRgb().pixels()).containsExactly(bytes(255, 127, 0));
    assertThat(DECODER.decode(narrow, "narrow").toRgb().pixels())
        .containsExactly(bytes(51, 170, 85));
  }

  @Test
  void twoBitsAreIndices() throws IOException {
    byte[] file = bitmap(2, 0, NO_MASKS);
    // The second colour of four: blue, green, red.
    file[58] = 7;
    file[59] = 8;
    file[60] = 9;
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(10, 70);
    file[70] = 0b01_00_00_00;

    assertThat(DECODER.decode(file, "x").toRgb().pixels()).containsExactly(bytes(9, 8, 7));
  }

  /// One pixel with a header of 40 bytes.
  private static byte[] bitmap(int bits, int compression, int... masks) {
    ByteBuffer file = ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 'B').put((byte) 'M').putInt(100).putInt(0).putInt(54 + 4 * masks.length);
    file.putInt(40).putInt(1).putInt(1).putShort((short) 1).putShort((short) bits);
    file.putInt(compression).putInt(0).putInt(0).putInt(0).putInt(0).putInt(0);
    for (int mask : masks) {
      file.putInt(mask);
    }
    return file.array();
  }

  private static int[] hex(String text) {
    return Stream.of(text.strip().split(" "))
        .mapToInt(each -> Integer.parseInt(each, 16))
        .toArray();
  }

  private static String problem(byte[] file) {
    try {
      DECODER.decode(file, "x");
      return "";
    } catch (DataException refused) {
      return String.valueOf(refused.getMessage());
    }
  }
}
