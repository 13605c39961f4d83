package dev.eosin.caption;

import dev.eosin.config.Pixels;
import dev.eosin.config.Seconds;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.fetch.Patience;
import dev.eosin.image.RgbImage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Settings and questions of the tests.
final class LlmFixture {
  static final String KEY = "sk-a-secret-key";

  private LlmFixture() {}

  static LlmSettings settings(int parallel) {
    return settings(parallel, Optional.empty());
  }

  /// @param cache a folder of answers
  static LlmSettings settings(int parallel, Optional<Path> cache) {
    return new LlmSettings(
        "drawn-model",
        Optional.of("You see tissue."),
        List.of(),
        0,
        1,
        Optional.of(3L),
        100,
        LlmSettings.LimitField.MAX_TOKENS,
        new LlmSettings.Picture(new Pixels(32), 30),
        parallel,
        6,
        new Seconds(30),
        Optional.of(new LlmSettings.Prices(2, 8)),
        cache);
  }

  /// @param silenceMillis how long an answer may take
  static Patience patience(int attempts, int silenceMillis) {
    return new Patience(
        attempts,
        Duration.ofMillis(2),
        Duration.ofMillis(400),
        Duration.ofMillis(silenceMillis),
        Duration.ofMinutes(1));
  }

  static RgbImage picture(int width, int height) {
    byte[] pixels = new byte[3 * width * height];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 7 / 3);
    }
    return new RgbImage(width, height, pixels);
  }

  static Question question(String text, RgbImage... images) {
    return new Question("q1", List.of(images), text, List.of(), 40);
  }
}
