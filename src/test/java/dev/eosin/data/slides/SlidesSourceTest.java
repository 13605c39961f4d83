package dev.eosin.data.slides;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.SlideColumns;
import dev.eosin.data.settings.SlideListSettings;
import dev.eosin.data.settings.SlidesSettings;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.slide.TilingSettings;
import dev.eosin.slide.TissueSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlidesSourceTest {
  private static final Path SLIDES = Path.of("src/test/resources/slide").toAbsolutePath();

  @TempDir private Path folder;

  private Source open(String table, SlideColumns columns, List<String> templates)
      throws IOException {
    Path file = Files.writeString(folder.resolve("slides.csv"), table);
    var list = new SlideListSettings(file, Optional.of(SLIDES), columns);
    return Sources.open(
        new SlidesSettings(
            list,
            TilingSettings.ofMpp(32, 0.5),
            TissueSettings.DEFAULT,
            Map.of("a", "stroma", "b", "fat"),
            templates),
        new ImageDecoder());
  }

  private static SlideColumns columns() {
    return new SlideColumns(
        "slide", Optional.of("patient"), Optional.of("class"), Optional.empty(), Optional.empty());
  }

  @Test
  void tilesComeStraightFromTheSlidesWithTheirPatientAndClass() throws IOException {
    String table =
        "slide,patient,class,mpp\naperio-jpeg.svs,P1,a,\nplanar.tif,P2,b,0.5\nstrips.tif,P1,b,\n";
    Source source = open(table, columns(), List.of("A tile of {}."));
    Set<String> keys = new HashSet<>();
    Set<String> groups = new HashSet<>();
    for (long i = 0; i < source.size(); i++) {
      Sample sample = source.get(i);
      keys.add(sample.key());
      groups.add(sample.group().orElseThrow());
      boolean aperio = sample.key().startsWith("aperio-jpeg_");
      assertThat(sample.label()).hasValue(aperio ? "a" : "b");
      assertThat(sample.texts()).containsExactly(aperio ? "A tile of stroma." : "A tile of fat.");
    }
    assertThat(keys).hasSize(Math.toIntExact(source.size()));
    assertThat(groups).contains("P1");
    assertThat(source.get(0).image().read().toRgb().width()).isEqualTo(32);
    assertThat(source.get(source.size() - 1).image().read().toRgb().height()).isEqualTo(32);
    assertThat(open(table, columns(), List.of("A tile of {}.")).fingerprint())
        .isEqualTo(source.fingerprint());
  }

  @Test
  void slidesWithoutTilesAreSaidAndNoneAtAllIsAnError() throws IOException {
    Source source =
        open("slide,patient,class\naperio-jpeg.svs,P1,a\nplanar.tif,P2,b\n", columns(), List.of());
    assertThat(source.notes())
        .anySatisfy(note -> assertThat(note).contains("planar.tif", "measures", "passed over"));
    assertThatThrownBy(() -> open("slide,patient,class\nplanar.tif,P2,b\n", columns(), List.of()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no slide has a tile");
  }

  @Test
  void whatTilesAreCalledIsPartOfTheFingerprint() throws IOException {
    String table = "slide,patient,class\naperio-jpeg.svs,%s,%s\n";
    String print = open(table.formatted("P1", "a"), columns(), List.of()).fingerprint();
    assertThat(open(table.formatted("P1", "b"), columns(), List.of()).fingerprint())
        .isNotEqualTo(print);
    assertThat(open(table.formatted("P2", "a"), columns(), List.of()).fingerprint())
        .isNotEqualTo(print);
  }

  @Test
  void aReaderThatIsInterruptedLeavesTheSlideToOthers() throws IOException {
    Source source = open("slide,patient,class\naperio-jpeg.svs,P1,a\n", columns(), List.of());
    source.get(0).image().read();
    Sample last = source.get(source.size() - 1);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> last.image().read()).isInstanceOf(DataException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(last.image().read().toRgb().width()).isEqualTo(32);
  }

  @Test
  void slidesOfOtherFormatsAreListedNotPassedOver() throws IOException {
    Files.writeString(folder.resolve("a.ndpi"), "II");
    Files.writeString(folder.resolve("b.svs"), "II");
    Files.writeString(folder.resolve("c.txt"), "notes");
    assertThat(SlideList.of(SlideListSettings.of(folder)))
        .extracting(ListedSlide::path)
        .containsExactly("a.ndpi", "b.svs");
  }

  @Test
  void listsThatLieAreRefused() {
    assertThatThrownBy(
            () -> open("slide,patient,class\na/x.svs,P,a\na/x.tif,P,a\n", columns(), List.of()))
        .hasMessageContaining("would both be called a__x");
    assertThatThrownBy(() -> open("slide,class\nx.svs,a\n", columns(), List.of()))
        .hasMessageContaining("there is no column 'patient'");
    assertThatThrownBy(() -> open("slide,patient,class,mpp\nx.svs,P,a,40x\n", columns(), List.of()))
        .hasMessageContaining("mpp is '40x', expected micrometres");
    assertThat(SlideList.name("b.c/TCGA.1.ome.tif")).isEqualTo("b_c__TCGA_1");
  }
}
