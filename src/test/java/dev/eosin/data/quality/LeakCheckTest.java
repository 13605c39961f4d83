package dev.eosin.data.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.config.Share;
import dev.eosin.data.quality.LeakCheck.Leak;
import dev.eosin.data.settings.LeakSettings;
import dev.eosin.data.settings.LeakSettings.By;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeakCheckTest {
  @TempDir private Path home;
  private SplitFiles files;

  @BeforeEach
  void writeTiles() throws IOException {
    files = SplitFiles.in(home);
  }

  private LeakCheck check(By by) throws IOException {
    return LeakCheck.of(
        SplitFiles.open(files.train()), SplitFiles.open(files.validation()), settings(by, 0), 2);
  }

  private static LeakSettings settings(By by, double allow) {
    return new LeakSettings(by, 4, new Share(allow));
  }

  @Test
  void splitsThatShareNothingPass() throws IOException {
    assertThat(check(By.PICTURE).leaks()).isEmpty();
    assertThat(check(By.PICTURE).verdict(settings(By.PICTURE, 0))).isEmpty();
  }

  @Test
  void aCopiedFileIsFoundByItsBytesWhateverItsName() throws IOException {
    Files.copy(
        files.validation().resolve("tissue/tile-2.png"), files.train().resolve("tissue/new.png"));
    assertThat(check(By.FILE).leaks())
        .containsExactly(new Leak("tissue/tile-2.png", "tissue/new.png", true));
  }

  @Test
  void aMirroredCopySavedAsJpegIsFoundByWhatItShows() throws IOException {
    mirroredJpeg("tissue/tile-3.png", "tissue/other.jpg");
    assertThat(check(By.FILE).leaks()).isEmpty();
    assertThat(check(By.PICTURE).leaks())
        .containsExactly(new Leak("tissue/tile-3.png", "tissue/other.jpg", false));
  }

  @Test
  void leaksAreRefusedUnlessTheyAreAllowed() throws IOException {
    Files.copy(
        files.validation().resolve("tissue/tile-2.png"), files.train().resolve("tissue/new.png"));
    LeakCheck check = check(By.FILE);
    assertThatThrownBy(() -> check.verdict(settings(By.FILE, 0.1)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("1 of its 6 images are also in data.train")
        .hasMessageContaining("tissue/tile-2.png = tissue/new.png")
        .hasMessageContaining("data.leaks.allow (10 %)");
    assertThat(check.verdict(settings(By.FILE, 0.2)).orElseThrow()).contains("1 of its 6 images");
  }

  @Test
  void anUnreadableImageIsLeftToTheRunsOwnRules() throws IOException {
    Files.writeString(files.train().resolve("tissue/tile-0.png"), "no image");
    assertThat(check(By.PICTURE).leaks()).isEmpty();
  }

  private void mirroredJpeg(String from, String to) throws IOException {
    RgbImage image = new ImageDecoder().decode(files.validation().resolve(from)).toRgb();
    int side = image.width();
    var picture = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < side * side; i++) {
      byte[] pixels = image.pixels();
      int rgb =
          (pixels[3 * i] & 255) << 16 | (pixels[3 * i + 1] & 255) << 8 | pixels[3 * i + 2] & 255;
      picture.setRGB(side - 1 - i % side, i / side, rgb);
    }
    ImageIO.write(picture, "jpeg", files.train().resolve(to).toFile());
  }
}
