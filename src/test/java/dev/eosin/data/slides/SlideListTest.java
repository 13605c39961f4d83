package dev.eosin.data.slides;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.settings.SlideListSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What people name in place of a folder or a table of slides.
class SlideListTest {
  @TempDir private Path folder;

  private void refused(String slide, String reason) throws IOException {
    Path table = Files.writeString(folder.resolve("slides.csv"), "slide\na.svs\n" + slide + "\n");
    assertThatThrownBy(() -> SlideList.of(SlideListSettings.of(table)))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(table + ": line 3: the slide '" + slide + "' " + reason);
  }

  @Test
  void oneSlideIsNoTable() throws IOException {
    Path slide = Files.write(folder.resolve("a.SVS"), new byte[] {'I', 'I', (byte) 0xFF});
    assertThatThrownBy(() -> SlideList.of(SlideListSettings.of(slide)))
        .isInstanceOf(DataException.class)
        .hasMessage(slide + ": is one slide; name its folder, or a table of slides (.csv, .tsv)");
  }

  @Test
  void namesThatMeanSomethingElsewhereAreRefused() throws IOException {
    refused("https://a.b/c.svs", "is an address, and nothing is downloaded");
    refused("C:\\Slides\\c.svs", "is a path of Windows");
  }

  @Test
  void filesOfATableMayBeMissingYet() throws IOException {
    Path table = Files.writeString(folder.resolve("slides.csv"), "slide\na.svs\nb/c.svs\n");
    assertThat(SlideList.of(SlideListSettings.of(table)))
        .extracting(ListedSlide::name)
        .containsExactly("a", "b__c");
  }
}
