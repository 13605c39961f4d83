package dev.eosin.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.image.formats.ImageDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class JpegTest {
  @Test
  void theDecoderReadsWhatIsWrittenAndQualityCostsBytes() throws IOException {
    RgbImage ramp = ramp(61, 47);
    byte[] fine = Jpeg.encode(ramp, 95);
    byte[] coarse = Jpeg.encode(ramp, 30);
    assertThat(coarse).hasSizeLessThan(fine.length);
    assertThat(Jpeg.encode(ramp, 30)).isEqualTo(coarse);
    RgbImage read = new ImageDecoder().decode(fine, "fine").toRgb();
    assertThat(read.width()).isEqualTo(61);
    assertThat(read.height()).isEqualTo(47);
    double off = 0;
    for (int i = 0; i < read.pixels().length; i++) {
      off += Math.abs((read.pixels()[i] & 0xff) - (ramp.pixels()[i] & 0xff));
    }
    // Colour is stored at half the resolution; red and blue that change places would be off by 60.
    assertThat(off / read.pixels().length).isLessThan(4);
  }

  @Test
  void manyScansAreRefusedBeforeTheyAreDecoded() throws IOException {
    byte[] one = Jpeg.encode(ramp(8, 8), 90);
    int scan = 2;
    while ((one[scan + 1] & 0xFF) != 0xDA) {
      scan += 2 + ((one[scan + 2] & 0xFF) << 8 | (one[scan + 3] & 0xFF));
    }
    var bomb = new ByteArrayOutputStream();
    bomb.write(one, 0, scan);
    for (int i = 0; i < 501; i++) {
      bomb.write(one, scan, one.length - 2 - scan);
    }
    bomb.write(one, one.length - 2, 2);
    assertThatThrownBy(() -> new ImageDecoder().decode(bomb.toByteArray(), "bomb"))
        .hasMessage("bomb: a JPEG of more than 500 scans; save it again");
  }

  @Test
  void aQualityThatIsNoneIsRefused() {
    assertThatThrownBy(() -> Jpeg.encode(ramp(2, 2), 0))
        .hasMessage("the quality 0 is not 1 to 100");
  }

  private static RgbImage ramp(int width, int height) {
    byte[] pixels = new byte[3 * width * height];
    for (int y = 0, at = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        pixels[at++] = (byte) (255 * x / width);
        pixels[at++] = (byte) (255 * y / height);
        pixels[at++] = (byte) (120 - 100 * x / width);
      }
    }
    return new RgbImage(width, height, pixels);
  }
}
