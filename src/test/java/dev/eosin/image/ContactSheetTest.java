package dev.eosin.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ContactSheetTest {
  private static RgbImage plain(int width, int height, int level) {
    byte[] pixels = new byte[3 * width * height];
    Arrays.fill(pixels, (byte) level);
    return new RgbImage(width, height, pixels);
  }

  private static long dark(RgbImage sheet, int fromRow, int toRow) {
    long count = 0;
    for (int i = 3 * fromRow * sheet.width(); i < 3 * toRow * sheet.width(); i++) {
      count += (sheet.pixels()[i] & 0xFF) == 40 ? 1 : 0;
    }
    return count;
  }

  @Test
  void tilesStandInRowsWithCaptionsBelow() {
    List<ContactSheet.Entry> entries =
        List.of(
            new ContactSheet.Entry(plain(30, 20, 100), "one"),
            new ContactSheet.Entry(plain(30, 20, 101), "two"),
            new ContactSheet.Entry(plain(30, 20, 102), "three"));

    RgbImage sheet = ContactSheet.draw(entries, 2);

    assertThat(sheet.width()).isEqualTo(2 * 38 + 8);
    assertThat(sheet.pixels()[3 * (8 * sheet.width() + 8)]).isEqualTo((byte) 100);
    assertThat(sheet.pixels()[3 * (8 * sheet.width() + 46)]).isEqualTo((byte) 101);
    assertThat(dark(sheet, 8, 28)).isZero();
    assertThat(dark(sheet, 28, 42)).isPositive();
  }

  @Test
  void anyTextAndNoTilesCanBeDrawn() {
    String odd = "Zellkerne \u00fc\u4e2d " + "word ".repeat(100) + "x".repeat(300);

    RgbImage sheet = ContactSheet.draw(List.of(new ContactSheet.Entry(plain(9, 9, 0), odd)), 3);

    assertThat(sheet.height()).isGreaterThan(9);
    assertThat(ContactSheet.draw(List.of(), 4).width()).isPositive();
  }

  @Test
  void pngFilesAreReadBackExactly() throws IOException {
    byte[] pixels = new byte[3 * 31 * 17];
    new SplittableRandom(1).nextBytes(pixels);

    Raster read = new ImageDecoder().decode(Png.encode(new RgbImage(31, 17, pixels)), "sheet.png");

    assertThat(read.toRgb().pixels()).isEqualTo(pixels);
    assertThat(read.width()).isEqualTo(31);
  }
}
