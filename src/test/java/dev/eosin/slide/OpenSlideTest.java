package dev.eosin.slide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.image.slides.OpenSlide;
import dev.eosin.image.slides.SlideCodecs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What OpenSlide reads, where the machine has it: of formats that are read here it must be the
/// same.
class OpenSlideTest {
  @TempDir private Path folder;

  private static OpenSlide library() {
    Optional<OpenSlide> found = OpenSlide.find();
    Assumptions.assumeThat(found).as("libopenslide").isPresent();
    return found.orElseThrow();
  }

  private static void assertSame(Path file) throws IOException {
    try (SlideContent foreign = LibraryContent.open(library(), file);
        Slide own = Slide.open(file, SlidePixelsTest.CODECS)) {
      assertThat(foreign.levels()).isEqualTo(own.levels());
      for (int level = 0; level < own.levels().size(); level++) {
        Slide.Level size = own.levels().get(level);
        assertThat(foreign.read(level, 0, 0, size.width(), size.height()).pixels())
            .as("level %d of %s", level, file)
            .isEqualTo(own.read(level, 0, 0, size.width(), size.height()).pixels());
      }
      assertThat(foreign.measures().propertyX()).isEqualTo(own.measures().propertyX());
    }
  }

  @Test
  void whatBothReadIsTheSame() throws IOException {
    assertThat(library().version()).matches("\\d+\\.\\d+\\.\\d+.*");
    assertSame(RecordedSlides.SMALL.resolve("aperio-jpeg.svs"));
    Path real = RecordedSlides.whole().resolve("CMU-1-Small-Region.svs");
    if (Files.exists(real)) {
      assertSame(real);
    }
  }

  @Test
  void aRegionThatIsBrokenIsSaidAndTheNextIsRead() throws IOException {
    byte[] bytes = Files.readAllBytes(RecordedSlides.SMALL.resolve("aperio-jpeg.svs"));
    Path file = folder.resolve("broken.svs");
    try (Slide whole =
        Slide.open(RecordedSlides.SMALL.resolve("aperio-jpeg.svs"), SlideCodecs.JAVA)) {
      assertThat(whole.width()).isGreaterThan(200);
    }
    Arrays.fill(bytes, 300, 700, (byte) 0x55);
    Files.write(file, bytes);
    try (SlideContent foreign = LibraryContent.open(library(), file)) {
      assertThatThrownBy(() -> foreign.read(0, 0, 0, 50, 50))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("50 x 50 px at 0, 0 of level 0 cannot be read: OpenSlide");
      Slide.Level size = foreign.levels().getFirst();
      assertThat(foreign.read(0, size.width() - 20, size.height() - 20, 20, 20).width())
          .isEqualTo(20);
      foreign.close();
      assertThatThrownBy(() -> foreign.read(0, 0, 0, 5, 5)).hasMessageContaining("is closed");
    }
  }

  @Test
  void withoutTheLibraryFormatsAreRefusedInOneLineThatNamesIt() throws IOException {
    Path file = folder.resolve("x.dcm");
    Files.write(file, ("\0".repeat(128) + "DICM").getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> Slide.open(file, SlideCodecs.JAVA))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is a DICOM file, which is not read; convert it")
        .hasMessageContaining("or install OpenSlide 4")
        .hasMessageNotContaining("\n");
    SlideCodecs with = new SlideCodecs(Optional.empty(), Optional.empty(), Optional.of(library()));
    assertThatThrownBy(() -> Slide.open(file, with))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("x.dcm: is a DICOM file")
        .hasMessageContaining("OpenSlide " + library().version())
        .hasMessageNotContaining("\n");
    for (String name : List.of("x.isyntax", "x.svs")) {
      Path other =
          Files.writeString(folder.resolve(name), "<DataObject ObjectType=\"DPUfsImport\">");
      assertThatThrownBy(() -> Slide.open(other, with)).hasMessageContaining("Philips iSyntax");
    }
  }
}
