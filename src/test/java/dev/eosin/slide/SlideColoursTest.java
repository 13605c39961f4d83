package dev.eosin.slide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What files say of their colours, in images of one piece.
class SlideColoursTest {
  private static final int SIDE = 16;
  private static final int JPEG = 7;

  @TempDir private Path folder;

  /// A little-endian TIFF of one strip.
  private Path tiff(Map<Integer, Integer> fields, byte[] strip) throws IOException {
    SortedMap<Integer, Integer> all = new TreeMap<>(fields);
    all.put(TiffDirectory.WIDTH, SIDE);
    all.put(TiffDirectory.HEIGHT, SIDE);
    all.put(TiffDirectory.ROWS_PER_STRIP, SIDE);
    all.put(TiffDirectory.STRIP_OFFSETS, 8);
    all.put(TiffDirectory.STRIP_BYTES, strip.length);
    ByteBuffer file =
        ByteBuffer.allocate(8 + strip.length + 6 + 12 * all.size()).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8 + strip.length);
    file.put(strip).putShort((short) all.size());
    all.forEach(
        (tag, value) ->
            file.putShort(tag.shortValue()).putShort((short) 4).putInt(1).putInt(value));
    return Files.write(folder.resolve("x.tif"), file.array());
  }

  private static byte[] pixels(Path file) throws DataException {
    try (Slide slide = Slide.open(file, SlidePixelsTest.CODECS)) {
      return slide.read(0, 0, 0, SIDE, SIDE).pixels();
    }
  }

  private static byte[] jpeg(int type) throws IOException {
    BufferedImage image = new BufferedImage(SIDE, SIDE, type);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        image.setRGB(x, y, 0xC03060 + 0x000801 * x);
      }
    }
    var out = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", out);
    return out.toByteArray();
  }

  private static Map<Integer, Integer> fields(int compression, int samples, int photometric) {
    return Map.of(
        TiffDirectory.COMPRESSION, compression,
        TiffDirectory.SAMPLES, samples,
        TiffDirectory.PHOTOMETRIC, photometric,
        TiffDirectory.BITS, 8);
  }

  @Test
  void greysOfWhichWhiteIsZeroAreTurnedInJpegToo() throws IOException {
    byte[] grey = jpeg(BufferedImage.TYPE_BYTE_GRAY);
    byte[] usual = pixels(tiff(fields(JPEG, 1, 1), grey));
    byte[] turned = pixels(tiff(fields(JPEG, 1, 0), grey));
    for (int i = 0; i < usual.length; i++) {
      assertThat(turned[i] & 0xFF).isEqualTo(255 - (usual[i] & 0xFF));
    }
  }

  @Test
  void tiffSaysTheColoursWhereverAJpegsMarkersStand() throws IOException {
    byte[] jpeg = jpeg(BufferedImage.TYPE_INT_RGB);
    byte[] comment = {(byte) 0xFF, (byte) 0xFE, 0, 4, 'h', 'i'};
    byte[] later = new byte[jpeg.length + comment.length];
    System.arraycopy(jpeg, 0, later, 0, 2);
    System.arraycopy(comment, 0, later, 2, comment.length);
    System.arraycopy(jpeg, 2, later, 2 + comment.length, jpeg.length - 2);
    byte[] asRgb = pixels(tiff(fields(JPEG, 3, 2), jpeg));
    assertThat(pixels(tiff(fields(JPEG, 3, 2), later))).isEqualTo(asRgb);
    assertThat(pixels(tiff(fields(JPEG, 3, 6), later)))
        .isEqualTo(pixels(tiff(fields(JPEG, 3, 6), jpeg)))
        .isNotEqualTo(asRgb);
  }

  @Test
  void samplesThatWouldBeMisreadAreRefused() throws IOException {
    byte[] plain = new byte[3 * SIDE * SIDE];
    Arrays.fill(plain, (byte) 7);
    assertThat(pixels(tiff(fields(1, 3, 2), plain))).isEqualTo(plain);
    Map<Integer, Integer> reversed = new TreeMap<>(fields(1, 3, 2));
    reversed.put(TiffDirectory.FILL_ORDER, 2);
    assertThatThrownBy(() -> pixels(tiff(reversed, plain))).hasMessageContaining("fill order 2");
    Map<Integer, Integer> bits = new TreeMap<>(fields(1, 1, 1));
    bits.remove(TiffDirectory.BITS);
    assertThatThrownBy(() -> pixels(tiff(bits, plain))).hasMessageContaining("samples of 1 bits");
    byte[] jpeg = jpeg(BufferedImage.TYPE_INT_RGB);
    assertThatThrownBy(() -> pixels(tiff(fields(JPEG, 4, 2), jpeg)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("4 samples a pixel");
  }
}
