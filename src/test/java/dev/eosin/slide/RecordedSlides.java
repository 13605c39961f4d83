package dev.eosin.slide;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.stream.Stream;

/// The slides whose pixels `scripts/record-slides.py` recorded: small ones in the test's resources,
/// whole ones where `EOSIN_SHARED` (or `../shared`) has them.
final class RecordedSlides {
  static final Path SMALL = Path.of("src/test/resources/slide");

  private RecordedSlides() {}

  static JsonNode recorded() throws IOException {
    return new ObjectMapper().readTree(SMALL.resolve("recorded.json").toFile()).path("slides");
  }

  static Path whole() {
    return Path.of(
        Objects.requireNonNullElse(System.getenv("EOSIN_SHARED"), "../shared"), "data", "wsi");
  }

  /// Those that are there.
  static Stream<Path> all() throws IOException {
    return recorded()
        .propertyStream()
        .map(entry -> entry.getKey())
        .flatMap(name -> Stream.of(SMALL.resolve(name), whole().resolve(name)))
        .filter(Files::exists);
  }

  static String digest(RgbImage image) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(image.pixels()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
