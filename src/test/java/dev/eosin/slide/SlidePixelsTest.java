package dev.eosin.slide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.image.RgbImage;
import dev.eosin.image.slides.SlideCodecs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Pixels against those that OpenSlide read (where it reads a kind; else Pillow).
class SlidePixelsTest {
  static final SlideCodecs CODECS = SlideCodecs.find();

  static Stream<Path> slides() throws IOException {
    return RecordedSlides.all();
  }

  /// The decoder in Java is slow.
  static Stream<Path> small() throws IOException {
    return RecordedSlides.all().filter(file -> file.startsWith(RecordedSlides.SMALL));
  }

  private static JsonNode recorded(Path file) throws IOException {
    return RecordedSlides.recorded().path(String.valueOf(file.getFileName()));
  }

  private static boolean isJpeg2000(Path file) {
    return file.toString().contains("j2k") || file.toString().contains("TCGA");
  }

  @ParameterizedTest
  @MethodSource("slides")
  void everyLevelHasThePixelsOfOpenSlide(Path file) throws IOException {
    Assumptions.assumeThat(CODECS.jpeg2000().isPresent() || !isJpeg2000(file))
        .as("libopenjp2 is missing: apt-get install libopenjp2-7")
        .isTrue();
    JsonNode entry = recorded(file);
    try (Slide slide = Slide.open(file, CODECS)) {
      assertThat(slide.levels()).hasSize(entry.path("levels").size());
      for (int i = 0; i < slide.levels().size(); i++) {
        Slide.Level level = slide.levels().get(i);
        JsonNode wanted = entry.path("levels").get(i);
        assertThat(level.width()).isEqualTo(wanted.path("size").get(0).asInt());
        assertThat(level.height()).isEqualTo(wanted.path("size").get(1).asInt());
        assertThat(level.downsample())
            .isCloseTo(wanted.path("downsample").asDouble(), within(1e-12));
        RgbImage whole = slide.read(i, 0, 0, level.width(), level.height());
        assertThat(RecordedSlides.digest(whole)).isEqualTo(wanted.path("sha256").asText());
      }
      for (JsonNode region : entry.path("regions")) {
        RgbImage part =
            slide.read(
                region.path("level").asInt(),
                region.path("at").get(0).asInt(),
                region.path("at").get(1).asInt(),
                region.path("size").get(0).asInt(),
                region.path("size").get(1).asInt());
        assertThat(RecordedSlides.digest(part)).isEqualTo(region.path("sha256").asText());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("slides")
  void picturesBesideTheLevelsAreThoseOfOpenSlide(Path file) throws IOException {
    try (Slide slide = Slide.open(file, CODECS)) {
      Map<String, JsonNode> wanted = new HashMap<>();
      recorded(file)
          .path("associated")
          .propertyStream()
          .forEach(entry -> wanted.put(entry.getKey(), entry.getValue()));
      assertThat(slide.associated()).isEqualTo(wanted.keySet());
      for (String name : slide.associated()) {
        assertThat(RecordedSlides.digest(slide.associated(name)))
            .isEqualTo(recorded(file).path("associated").path(name).path("sha256").asText());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("small")
  void decodersInJavaHardlyDiffer(Path file) throws IOException {
    Assumptions.assumeThat(CODECS.jpeg2000()).as("libopenjp2").isPresent();
    try (Slide slide = Slide.open(file, CODECS);
        Slide java = Slide.open(file, SlideCodecs.JAVA)) {
      int width = Math.min(140, slide.width() / 2);
      int height = Math.min(120, slide.height() / 2);
      byte[] one = slide.read(0, slide.width() / 3, slide.height() / 3, width, height).pixels();
      byte[] other = java.read(0, slide.width() / 3, slide.height() / 3, width, height).pixels();
      int most = 0;
      int beyondOne = 0;
      for (int i = 0; i < one.length; i++) {
        int difference = Math.abs((one[i] & 0xFF) - (other[i] & 0xFF));
        most = Math.max(most, difference);
        beyondOne += difference > 1 ? 1 : 0;
      }
      assertThat(most).isLessThanOrEqualTo(isJpeg2000(file) ? 2 : 0);
      assertThat(beyondOne).as("of %d", one.length).isLessThan(one.length / 1000);
    }
  }

  @Test
  void whatDoesNotLieInsideIsRefused() throws IOException {
    try (Slide slide = Slide.open(RecordedSlides.SMALL.resolve("strips.tif"), CODECS)) {
      assertThatThrownBy(() -> slide.read(0, 290, 0, 20, 20))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("level 0")
          .hasMessageContaining("300 x 260");
      assertThat(slide.read(0, 280, 240, 20, 20).width()).isEqualTo(20);
    }
  }

  @Test
  void memoryStaysFlatOverManySlides() throws IOException {
    Path file = RecordedSlides.SMALL.resolve("aperio-jpeg.svs");
    long before = descriptors();
    for (int i = 0; i < 200; i++) {
      try (Slide slide = Slide.open(file, CODECS)) {
        assertThat(slide.read(0, 200, 200, 100, 100).height()).isEqualTo(100);
      }
    }
    assertThat(descriptors()).isLessThan(before + 20);
  }

  private static long descriptors() throws IOException {
    Path open = Path.of("/proc/self/fd");
    Assumptions.assumeThat(open).as("a system that lists open files").exists();
    try (Stream<Path> all = Files.list(open)) {
      return all.count();
    }
  }

  @Test
  void aLibraryTellsItsVersion() {
    Optional<String> version = CODECS.jpeg2000().map(library -> library.version());
    Assumptions.assumeThat(version).as("libopenjp2").isPresent();
    assertThat(version).hasValueSatisfying(text -> assertThat(text).startsWith("2."));
  }
}
