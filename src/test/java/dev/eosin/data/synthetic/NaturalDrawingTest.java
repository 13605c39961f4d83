package dev.eosin.data.synthetic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.config.Pixels;
import dev.eosin.data.Sample;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.data.settings.SyntheticSettings.Split;
import dev.eosin.image.RgbImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// Tiles, captions, names and places of the natural drawing are what they were when other drawings
/// came beside it: recorded before, so that runs of then go on.
class NaturalDrawingTest {
  private static final int CLASSES = Tissue.values().length;

  @Test
  void everythingIsAsRecorded() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (int size : new int[] {40, 64, 224}) {
      for (Split split : Split.values()) {
        SyntheticSource source =
            new SyntheticSource(new SyntheticSettings(100, split, new Pixels(size), 3));
        digest.update(bytes(source.fingerprint()));
        for (int i = 0; i < CLASSES; i++) {
          add(digest, source.get(i));
          digest.update(ByteBuffer.allocate(8).putLong(source.place(i)).array());
        }
      }
    }
    assertThat(HexFormat.of().formatHex(digest.digest()))
        .isEqualTo("cf3c0d653d122c79fd01d5a7644ad3f345cadda1c4c75354db32f383e6ff87b9");
  }

  private static void add(MessageDigest digest, Sample sample) throws IOException {
    digest.update(bytes(sample.key() + sample.texts() + sample.label() + sample.group()));
    digest.update(((RgbImage) sample.image().read()).pixels());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
