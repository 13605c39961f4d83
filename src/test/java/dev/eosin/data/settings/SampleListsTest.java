package dev.eosin.data.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeFile;
import dev.eosin.data.Source;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.opened.Sources;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Lists of samples to keep or to leave out.
class SampleListsTest {
  @TempDir Path folder;

  @BeforeEach
  void makeData() throws IOException {
    StringBuilder csv = new StringBuilder("image,caption,number\n");
    StringBuilder lines = new StringBuilder();
    StringBuilder llava = new StringBuilder();
    StringBuilder pathGen = new StringBuilder();
    for (int i = 0; i < 6; i++) {
      String name = "tiles/%s/t%d.png".formatted(i % 2 == 0 ? "A" : "B", i);
      Files.createDirectories(folder.resolve(name).getParent());
      Files.createFile(folder.resolve(name));
      Files.createFile(folder.resolve("S.1_%d_0.png".formatted(i)));
      csv.append("%s,Caption,%d\n".formatted(name, i));
      lines.append("{\"image\":\"%s\",\"caption\":\"C\",\"number\":%d}\n".formatted(name, i));
      llava.append(
          "{\"id\":\"n%d\",\"image\":\"%s\",\"conversations\":[{\"from\":\"gpt\",\"value\":\"C\"}]}\n"
              .formatted(i, name));
      pathGen.append("{\"wsi_id\":\"S.1\",\"position\":[%d,0],\"caption\":\"C\"}\n".formatted(i));
    }
    Files.writeString(folder.resolve("t.csv"), csv);
    Files.writeString(folder.resolve("t.jsonl"), lines);
    Files.writeString(
        folder.resolve("t.json"), "[" + lines.toString().strip().replace("\n", ",") + "]");
    Files.writeString(folder.resolve("llava.jsonl"), llava);
    Files.writeString(folder.resolve("pathgen.jsonl"), pathGen);
  }

  static List<String> sources() {
    String fields = "{ image: image, caption: caption }";
    return List.of(
        "type: folder, path: F/tiles, templates: ['{}']",
        "type: csv, path: F/t.csv, columns: " + fields,
        "type: json, path: F/t.json, fields: " + fields,
        "type: jsonl, path: F/t.jsonl, fields: " + fields,
        "type: llava-json, path: F/llava.jsonl");
  }

  @ParameterizedTest
  @MethodSource("sources")
  void namesKeepOrDropSamples(String source) throws IOException {
    String path = source.startsWith("type: folder") ? "A/t0.png" : "tiles/A/t0.png";
    Files.writeString(folder.resolve("ids.txt"), "\uFEFFt1.png\n\n  t5\r\n" + path + "\nt9\n");
    assertThat(numbers(open(source))).containsExactlyInAnyOrder("0", "1", "2", "3", "4", "5");
    Source only = open(source + ", only: F/ids.txt");
    assertThat(numbers(only)).containsExactlyInAnyOrder("0", "1", "5");
    assertThat(only.notes())
        .singleElement()
        .asString()
        .isEqualTo(
            "1 of the 4 names in %s (only) were not found, for example t9"
                .formatted(folder.resolve("ids.txt")));
    assertThat(only.reading().passedOver())
        .singleElement()
        .asString()
        .startsWith("3 samples by the lists of names (only), for example ");
    Source without = open(source + ", without: F/ids.txt");
    assertThat(numbers(without)).containsExactlyInAnyOrder("2", "3", "4");
    Files.writeString(folder.resolve("more.json"), "[\"t0\", \"t1.png\"]");
    Source both = open(source + ", only: F/ids.txt, without: F/more.json");
    assertThat(numbers(both)).containsExactly("5");
    assertThat(List.of(open(source), only, without, both).stream().map(Source::fingerprint))
        .doesNotHaveDuplicates();

    Files.writeString(folder.resolve("ids.txt"), "x\ny\n");
    assertThatThrownBy(() -> open(source + ", only: F/ids.txt"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("the lists of names leave no sample")
        .hasMessageContaining("2 of the 2 names")
        .hasMessageContaining("samples are called, for example, ");
    Files.writeString(folder.resolve("ids.txt"), "\n");
    assertThatThrownBy(() -> open(source + ", only: F/ids.txt"))
        .hasMessageContaining("ids.txt: holds no names (only)");
    assertThatThrownBy(() -> open(source + ", without: F/none.txt"))
        .hasMessageContaining("none.txt: no such file");
  }

  @Test
  void aFieldMayBeListedInsteadOfTheImage() throws IOException {
    Files.writeString(folder.resolve("ids.txt"), "[1, 3, 7]");
    for (String source : sources().subList(1, 4)) {
      Source kept = open(source + ", only: F/ids.txt, id: number");
      assertThat(numbers(kept)).containsExactly("1", "3");
      assertThat(kept.notes()).singleElement().asString().contains("for example 7");
    }
    Files.writeString(folder.resolve("ids.txt"), "n2\nn4\n");
    assertThat(numbers(open(sources().getLast() + ", without: F/ids.txt, id: id")))
        .containsExactly("0", "1", "3", "5");
  }

  @Test
  void tilesOfPathGenAreListedByTheirNames() throws IOException {
    String source = "type: pathgen-json, path: F/pathgen.jsonl, images: F/";
    Files.writeString(folder.resolve("ids.txt"), "S.1_2_0\nS\nS.1_3_0\n");
    assertThat(open(source + ", only: F/ids.txt").size()).isEqualTo(2);
  }

  private static List<String> numbers(Source source) {
    return LongStream.range(0, source.size())
        .mapToObj(i -> source.get(i).key().replaceAll(".*t(\\d)\\.png", "$1"))
        .toList();
  }

  private Source open(String settings) throws IOException {
    String yaml = "train: { %s }\nimage: { size: 4 px }\n".formatted(settings);
    DataSettings data =
        Binder.bind(
            RecipeFile.parse(
                Path.of("data.yaml"), yaml.replace("F/", folder + "/"), List.of(), Map.of()),
            DataSettings.class);
    return Sources.open(data.train(), new ImageDecoder());
  }
}
