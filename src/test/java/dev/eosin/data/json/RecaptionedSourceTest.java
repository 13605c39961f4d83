package dev.eosin.data.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.RecaptionedSettings;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.data.settings.SyntheticSettings.Split;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecaptionedSourceTest {
  private static final SyntheticSettings TILES =
      new SyntheticSettings(4, Split.TRAIN, new Pixels(32), 0);

  @TempDir private Path folder;

  private RecaptionedSettings settings(String lines, Map<String, String> where) throws IOException {
    Path file = Files.writeString(folder.resolve("captions.jsonl"), lines);
    return new RecaptionedSettings(TILES, file, "id", "answer", where);
  }

  private static String line(int tile, String answer, String control) {
    return "{\"id\": \"synthetic/train/%d\", \"answer\": \"%s\", \"control\": \"%s\"}\n"
        .formatted(tile, answer, control);
  }

  private static Source open(RecaptionedSettings settings) throws DataException {
    return Sources.open(settings, new ImageDecoder());
  }

  @Test
  void imagesKeepTheirPlaceAndGetTheCaptionOfTheFile() throws IOException {
    String lines =
        line(3, "three", "none")
            + line(3, "another", "twin")
            + line(1, "one", "none")
            + line(9, "of no tile", "none");
    Source source = open(settings(lines, Map.of("control", "none")));
    Source tiles = Sources.open(TILES, new ImageDecoder());
    assertThat(source.size()).isEqualTo(2);
    assertThat(source.get(0).texts()).containsExactly("one");
    assertThat(source.get(1).texts()).containsExactly("three");
    assertThat(source.get(1).label()).isEqualTo(tiles.get(3).label());
    assertThat(source.place(1)).isEqualTo(tiles.place(3));
    assertThat(source.notes())
        .singleElement()
        .asString()
        .contains("2 images have a caption; 2 images without one are left out, 1 captions");
    Source other = open(settings(lines.replace("three", "3"), Map.of("control", "none")));
    assertThat(other.fingerprint()).isNotEqualTo(source.fingerprint());
  }

  @Test
  void whatSaysNoCaptionOrTwoIsRefused() throws IOException {
    var twice = settings(line(1, "one", "none") + line(1, "two", "none"), Map.of());
    assertThatThrownBy(() -> open(twice))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("line 2: 'synthetic/train/1' has a caption already");
    var blank = settings(line(1, " ", "none"), Map.of());
    assertThatThrownBy(() -> open(blank))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("line 1: field 'answer' is \" \", expected a text");
    var strange = settings(line(7, "seven", "none"), Map.of());
    assertThatThrownBy(() -> open(strange))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("none of its 1 captions is of one of the 4 images");
  }
}
