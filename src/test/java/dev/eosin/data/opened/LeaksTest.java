package dev.eosin.data.opened;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeFile;
import dev.eosin.data.shard.TarBytes;
import dev.eosin.text.ClipTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// No comparison of both sides is left out without a word.
class LeaksTest {
  private static final ClipTokenizer TOKENIZER = ClipTokenizer.load();
  private static final String NO_GROUPS = "leaks by group could not be looked for: ";

  @TempDir Path folder;

  @BeforeEach
  void makeData() throws IOException {
    TarBytes tar = new TarBytes();
    StringBuilder lines = new StringBuilder();
    StringBuilder csv = new StringBuilder("image,caption,label,slide\n");
    for (int i = 0; i < 4; i++) {
      String name = "tiles/%s/%d.png".formatted(i % 2 == 0 ? "A" : "B", i);
      Files.createDirectories(folder.resolve(name).getParent());
      Files.createFile(folder.resolve(name));
      tar.file(i + ".png", "image").file(i + ".txt", "Caption " + i);
      csv.append("%s,Caption %d,%s,s%d\n".formatted(name, i, i % 2 == 0 ? "A" : "B", i));
      lines.append("{\"image\":\"%s\",\"caption\":\"Caption %d\"}\n".formatted(name, i));
    }
    Files.write(folder.resolve("a.tar"), tar.bytes());
    Files.writeString(folder.resolve("t.csv"), csv);
    Files.writeString(folder.resolve("t.jsonl"), lines);
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("tiles"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ type: csv, path: F/t.csv, columns: { image: image, caption: caption } }",
        "{ type: jsonl, path: F/t.jsonl, fields: { image: image, caption: caption } }",
        "{ type: folder, path: F/tiles, templates: ['{}'] }",
        "{ type: webdataset, path: F/a.tar }"
      })
  void validatingWithTheTrainingDataIsRefusedOrSaid(String source) throws IOException {
    assertThatThrownBy(() -> open(source, source, "0 %"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data.validation: 4 of its 4 samples are training samples, too")
        .hasMessageContaining("raise data.leaks.allow (0 %) to accept it");
    assertThat(open(source, source, "100 %").notes())
        .hasSize(2)
        .anyMatch(note -> note.contains("4 of its 4 samples are training samples"))
        .anyMatch(note -> note.startsWith(NO_GROUPS + "data.validation names no groups"));
  }

  @Test
  void oneFileIsKnownUnderAllItsNames() throws IOException {
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.writeString(
        other.resolve("v.csv"),
        "file,caption\n../link/A/0.png,x\n%s/tiles/B/1.png,y\n../tiles/A/new.png,z\n"
            .formatted(folder));
    Files.createFile(folder.resolve("tiles/A/new.png"));
    String train = "{ type: csv, path: F/t.csv, columns: { image: image, caption: caption } }";
    String validation =
        "{ type: csv, path: F/other/v.csv, columns: { image: file, caption: caption } }";
    assertThatThrownBy(() -> open(train, validation, "0 %"))
        .hasMessageContaining("data.validation: 1 of its 3 samples are training samples")
        .hasMessageContaining("/tiles/B/1.png");
    // A link to a folder is followed where it is the folder that a source starts from.
    String linked = "{ type: folder, path: F/link, templates: ['{}'] }";
    assertThatThrownBy(() -> open(train, linked, "0 %"))
        .hasMessageContaining("data.validation: 4 of its 5 samples are training samples");
  }

  @Test
  void equalNamesInDifferentFoldersAreNoLeak() throws IOException {
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.copy(folder.resolve("t.csv"), other.resolve("t.csv"));
    Files.copy(folder.resolve("a.tar"), other.resolve("a.tar"));
    for (String name : List.of("A/0", "B/1", "A/2", "B/3")) {
      Path file = other.resolve("tiles/%s.png".formatted(name));
      Files.createDirectories(file.getParent());
      Files.createFile(file);
    }
    String csv = "{ type: csv, path: %s/t.csv, columns: { image: image, caption: caption } }";
    assertThat(open(csv.formatted("F"), csv.formatted("F/other"), "0 %").notes()).hasSize(1);
    String tar = "{ type: webdataset, path: %s/a.tar }";
    assertThat(open(tar.formatted("F"), tar.formatted("F/other"), "0 %").notes()).hasSize(1);
  }

  @Test
  void groupsOnOneSideOnlyAreSaid() throws IOException {
    String with =
        "{ type: csv, path: F/t.csv, columns: { image: image, caption: caption, group: slide }, where: { label: A } }";
    String without =
        "{ type: csv, path: F/t.csv, columns: { image: image, caption: caption }, where: { label: B } }";
    assertThat(open(with, without, "0 %").notes())
        .singleElement()
        .asString()
        .startsWith(NO_GROUPS + "data.validation names no groups");
    assertThat(open(without, with, "0 %").notes())
        .singleElement()
        .asString()
        .startsWith(NO_GROUPS + "data.train names no groups");
    assertThat(open(with, with.replace("label: A", "label: B"), "0 %").notes()).isEmpty();
    String mixture =
        "{ type: mixture, parts: [ { name: a, weight: 1, source: %s }, { name: b, weight: 1, source: %s } ] }";
    assertThat(
            open(
                    mixture.formatted(
                        with.replace("label: A", "slide: s0"),
                        without.replace("label: B", "slide: s1")),
                    with.replace("label: A", "slide: s2"),
                    "0 %")
                .notes())
        .contains(
            "leaks by group could not be looked for in samples that have none: 1 of 2 in data.train, 0 of 1 in data.validation");
  }

  @Test
  void drawnTilesShareNothingAndTheSameOnesDo() throws IOException {
    String train = "{ type: synthetic, samples: 10, tile: 32 px }";
    assertThat(open(train, train.replace("}", ", split: validation }"), "0 %").notes()).isEmpty();
    assertThatThrownBy(() -> open(train, train.replace("10", "4"), "0 %"))
        .hasMessageContaining("4 of its 4 samples are training samples");
  }

  private DataSets open(String train, String validation, String allow) throws IOException {
    String yaml =
        """
        train: %s
        validation: %s
        image: { size: 32 px }
        text: { length: 16 }
        leaks: { allow: %s }
        """
            .formatted(train, validation, allow)
            .replace("F/", folder + "/");
    DataSettings settings =
        Binder.bind(
            RecipeFile.parse(Path.of("data.yaml"), yaml, List.of(), Map.of()), DataSettings.class);
    return DataSets.open(settings, TOKENIZER);
  }
}
