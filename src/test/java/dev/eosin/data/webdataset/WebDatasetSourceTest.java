package dev.eosin.data.webdataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import dev.eosin.config.Share;
import dev.eosin.data.Caption;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.TinySource;
import dev.eosin.data.batches.BadRowLog;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.order.SampleOrder;
import dev.eosin.data.settings.BadRowSettings;
import dev.eosin.data.settings.SourceSettings;
import dev.eosin.data.shard.LostShardException;
import dev.eosin.data.shard.TarBytes;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebDatasetSourceTest {
  private static final ImageDecoder DECODER = new ImageDecoder();

  @TempDir Path folder;

  @Test
  void samplesAreInTheOrderOfShardsAndMembers() throws IOException {
    for (int shard = 0; shard < 3; shard++) {
      TarBytes tar = new TarBytes();
      for (int i = 0; i < 4; i++) {
        // Names repeat from shard to shard, and other members are none of our business.
        tar.file("d.1/%02d.seg.png".formatted(i), "mask");
        tar.file("d.1/%02d.png".formatted(i), png(10 * shard + i));
        tar.file("d.1/%02d.txt".formatted(i), " Caption %d of %d\n".formatted(i, shard));
      }
      write("s-%02d.tar".formatted(shard), tar);
    }
    Source source = open("path: FOLDER/s-{00..02}.tar");
    assertThat(source.size()).isEqualTo(12);
    assertThat(source.notes())
        .containsExactly(
            "12 members that are further parts of samples, for example %s: d.1/00.seg.png; passed over"
                .formatted(folder.resolve("s-00.tar")));
    for (int index = 11; index >= 0; index--) {
      Sample sample = source.get(index);
      assertThat(sample.key()).isEqualTo("s-%02d.tar/d.1/%02d", index / 4, index % 4);
      assertThat(sample.texts())
          .containsExactly("Caption %d of %d".formatted(index % 4, index / 4));
      assertThat(sample.image().read().toRgb().pixels()[0])
          .isEqualTo((byte) (10 * (index / 4) + index % 4));
    }
    assertThat(sample(source, 3).image().encoded()).contains(png(3));
    assertThat(open("path: FOLDER").fingerprint()).isEqualTo(source.fingerprint());
    assertThat(open("path: FOLDER/s-{02..00}.tar").fingerprint())
        .isNotEqualTo(source.fingerprint());
  }

  @Test
  void fieldsGiveCaptionsWithWeightsLabelAndGroup() throws IOException {
    write(
        "a.tar",
        new TarBytes()
            .file("0.jpg", png(1))
            .file(
                "0.json",
                "{\"caption\": \"One.\", \"more\": [\"Two.\", \"Three.\"],"
                    + " \"w\": [1, 2, 0.5], \"meta\": {\"slide\": 7, \"class\": \"TUM\"}}")
            .file("1.jpg", png(1))
            .file(
                "1.json",
                "{\"caption\": [{\"text\": \"A\", \"weight\": 3}, {\"text\": \"B\"}],"
                    + " \"more\": \" \", \"w\": [1, 1], \"meta\": {\"slide\": \"x\", \"class\": \"NORM\"}}"));
    String json =
        "json: { captions: [caption, more], label: meta.class, group: meta.slide WEIGHTS }";
    Source weighted = open("path: FOLDER/a.tar\n" + json.replace("WEIGHTS", ", weights: w"));
    assertThat(sample(weighted, 0).captions())
        .containsExactly(
            new Caption("One.", 1), new Caption("Two.", 2), new Caption("Three.", 0.5));
    assertThat(sample(weighted, 0).group()).contains("7");
    assertThat(weighted.classTexts()).isEqualTo(Map.of("NORM", "NORM", "TUM", "TUM"));
    Source own = open("path: FOLDER/a.tar\n" + json.replace("WEIGHTS", ""));
    assertThat(sample(own, 1).captions()).containsExactly(new Caption("A", 3), new Caption("B", 1));
  }

  @Test
  void bitmapsAndGifsAreImagesAndJpeg2000IsRefusedByName() throws IOException {
    Path kinds = Path.of("src/test/resources/image-formats/taken");
    write(
        "a.tar",
        new TarBytes()
            .file("0.bmp", Files.readAllBytes(kinds.resolve("pal8.bmp")))
            .file("0.txt", "a bitmap")
            .file("1.gif", Files.readAllBytes(kinds.resolve("chi.gif")))
            .file("1.txt", "a GIF")
            .file("2.jp2", Files.readAllBytes(kinds.resolve("16bit.cropped.jp2")))
            .file("2.txt", "JPEG 2000"));
    Source source = open("path: FOLDER/a.tar");
    assertThat(source.size()).isEqualTo(3);
    assertThat(sample(source, 0).image().read().width()).isEqualTo(127);
    assertThat(sample(source, 1).image().read().width()).isEqualTo(320);
    assertThatThrownBy(() -> sample(source, 2).image().read())
        .isInstanceOf(DataException.class)
        .hasMessageContaining(": a JPEG 2000 image, which is not supported; convert it");
  }

  @Test
  void labelsOfMembersMakeCaptions() throws IOException {
    write(
        "a.tar",
        new TarBytes()
            .file("0.cls", "1\n")
            .file("0.jpg", png(1))
            .file("1.cls", "0")
            .file("1.jpg", png(1)));
    Source source =
        open(
            """
            path: FOLDER/a.tar
            cls: true
            class-names: { "0": stroma, "1": tumour }
            templates: ["An image of {}."]""");
    assertThat(sample(source, 0).texts()).containsExactly("An image of tumour.");
    assertThat(sample(source, 1).label()).contains("0");
    assertThat(open("path: FOLDER/a.tar\ncls: true").classTexts().keySet())
        .containsExactly("0", "1");
  }

  @Test
  void samplesThatLackAPartAreCountedAndLeftOut() throws IOException {
    write(
        "a.tar",
        new TarBytes()
            .file("0.jpg", png(1))
            .file("0.txt", "whole")
            .file("1.jpg", png(1))
            .file("2.txt", "no image")
            .file("3.jpg", png(1))
            .file("3.txt", "whole too")
            .file("README.md", "no sample at all"));
    Source source = open("path: FOLDER/a.tar");
    assertThat(source.size()).isEqualTo(2);
    assertThat(sample(source, 1).key()).isEqualTo("a.tar/3");
    assertThat(source.notes())
        .containsExactly(
            "1 member with the ending .md, for example %s: README.md; passed over"
                .formatted(folder.resolve("a.tar")),
            "1 of 4 samples have no image (.jpg, .png, .jpeg, .webp, .tif, .tiff, .bmp, .gif, .jp2), for example "
                + folder.resolve("a.tar")
                + ": 2.txt; they are left out",
            "1 of 4 samples have no caption (.txt), for example "
                + folder.resolve("a.tar")
                + ": 1.jpg; they are left out");
    write("b.tar", new TarBytes().file("0.jpg", png(1)).file("0.json", "{}"));
    assertThatThrownBy(() -> open("path: FOLDER/b.tar"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no sample is whole: 1 of 1 samples have no caption (.txt)");
  }

  @Test
  void aBrokenShardIsNamedAndMayBeSkipped() throws IOException {
    write("s-0.tar", new TarBytes().file("0.jpg", png(1)).file("0.txt", "whole"));
    byte[] whole = Files.readAllBytes(folder.resolve("s-0.tar"));
    Files.write(folder.resolve("s-1.tar"), Arrays.copyOf(whole, 700));
    String broken = folder.resolve("s-1.tar") + ": broken shard: byte 1024: ";
    assertThatThrownBy(() -> open("path: FOLDER/s-{0..1}.tar"))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(broken)
        .hasMessageContaining("skip-broken-shards: true");
    Source rest = open("path: FOLDER/s-{0..2}.tar\nskip-broken-shards: true");
    assertThat(rest.size()).isEqualTo(1);
    assertThat(rest.notes().getFirst())
        .startsWith("2 of 3 shards are left out: " + broken)
        .contains(folder.resolve("s-2.tar") + ": no such shard");
  }

  @Test
  void aFieldThatNoSampleHasIsRefusedWithThoseThereAre() throws IOException {
    write("a.tar", new TarBytes().file("0.jpg", png(1)).file("0.json", "{\"caption\": \"A\"}"));
    assertThatThrownBy(() -> open("path: FOLDER/a.tar\njson: { captions: [text] }"))
        .isInstanceOf(DataException.class)
        .hasMessage(
            folder.resolve("a.tar") + ": 0: the .json has no field 'text'; it has [caption]");
  }

  @Test
  void aSampleWithAFaultyRecordIsABadRowThatSaysWhy() throws IOException {
    TarBytes tar = new TarBytes();
    List<String> records =
        List.of("{\"c\": \"A\"}", "{\"c\": 7}", "{\"c\": \" \"}", "{\"c\": ", "[]", "{\"d\": 1}");
    for (int i = 0; i < records.size(); i++) {
      tar.file(i + ".jpg", png(1)).file(i + ".json", records.get(i));
    }
    write("a.tar", tar);
    Source source = open("path: FOLDER/a.tar\njson: { captions: [c] }");
    List<String> reasons =
        List.of(
            "a .json whose caption is neither a text",
            "no caption in [c]",
            "the .json cannot be read",
            "the .json holds no object",
            "the .json has no field 'c'; it has [d]");
    for (int i = 0; i < reasons.size(); i++) {
      int index = i + 1;
      assertThatThrownBy(() -> source.get(index).image().read())
          .isInstanceOf(DataException.class)
          .hasMessageStartingWith(folder.resolve("a.tar") + ": " + index + ": ")
          .hasMessageContaining(reasons.get(i));
    }
  }

  @Test
  void batchesOfTinyShardsAreFullForAnyWorkersAndAfterResuming() throws IOException {
    write("s-0.tar", new TarBytes().file("0.png", png(1)).file("0.txt", "A"));
    write("s-1.tar", new TarBytes());
    write(
        "s-2.tar",
        new TarBytes()
            .file("0.png", png(2))
            .file("0.txt", "B")
            .file("1.png", png(3))
            .file("1.txt", "C"));
    Source source = open("path: FOLDER/s-{0..2}.tar");
    List<String> uninterrupted = keys(source, 1, 0, 6);
    assertThat(uninterrupted).hasSize(48);
    assertThat(uninterrupted.subList(0, 3))
        .containsExactlyInAnyOrder("s-0.tar/0", "s-2.tar/0", "s-2.tar/1");
    List<String> resumed = new ArrayList<>(keys(source, 5, 0, 2));
    resumed.addAll(keys(open("path: FOLDER/s-{0..2}.tar"), 3, 16, 4));
    assertThat(resumed).isEqualTo(uninterrupted);
  }

  private static List<String> keys(Source source, int workers, long position, int batches)
      throws IOException {
    SampleOrder order = new SampleOrder(new RandomKey(1), source.size());
    BadRowLog log =
        BadRowLog.unlisted("data.validation", new BadRowSettings(new Share(0)), source.size());
    List<String> keys = new ArrayList<>();
    try (BatchLoader loader =
        BatchLoader.training(source, order, TinySource.preparation(), 8, workers, position, log)) {
      for (int k = 0; k < batches; k++) {
        keys.addAll(loader.next().keys());
      }
    }
    return keys;
  }

  @Test
  void aShardThatIsCutIsNoBadRowAndOneThatIsOpenMayGo() throws IOException {
    for (int shard = 0; shard < 2; shard++) {
      TarBytes tar = new TarBytes();
      for (int i = 0; i < 8; i++) {
        tar.file(i + ".png", png(8 * shard + i)).file(i + ".txt", "Caption " + i);
      }
      write("s-%d.tar".formatted(shard), tar);
    }
    Source indexed = open("path: FOLDER/s-{0..1}.tar");
    List<String> whole = keys(indexed, 2, 0, 2);
    Source source = open("path: FOLDER/s-{0..1}.tar");
    Path last = folder.resolve("s-1.tar");
    byte[] bytes = Files.readAllBytes(last);

    Files.write(last, Arrays.copyOf(bytes, 5 * 512));
    assertThatThrownBy(() -> keys(source, 2, 0, 2))
        .isInstanceOf(LostShardException.class)
        .hasMessageContainingAll("s-1.tar: the shard ends at byte", "restore it");
    Files.write(last, bytes);
    assertThat(keys(source, 2, 0, 2)).isEqualTo(whole);
    Files.delete(last);
    // It stays open, so that nothing is lost as long as this process lives.
    assertThat(keys(source, 2, 0, 2)).isEqualTo(whole);
  }

  @Test
  void mistakesInTheSettingsAreNamed() {
    assertThatThrownBy(() -> settings("path: a{1.tar\ncls: true\njson: { label: x }"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("has a { without its }");
    assertThatThrownBy(() -> settings("path: a.tar\ncls: true\njson: { label: x }"))
        .hasMessageContaining("labels come from json.label already");
    assertThatThrownBy(() -> settings("path: a.tar\ntemplates: ['{}']"))
        .hasMessageContaining("templates and class-names need labels");
    assertThatThrownBy(() -> settings("path: https://host/a.tar"))
        .hasMessageContaining("set cache: { dir: FOLDER }");
    assertThatThrownBy(() -> settings("path: a.tar\njson: { weights: w }"))
        .hasMessageContaining("'captions' is missing");
  }

  private static Sample sample(Source source, long index) {
    return Objects.requireNonNull(source.get(index));
  }

  private Source open(String yaml) throws IOException {
    return Sources.open(settings(yaml.replace("FOLDER", folder.toString())), DECODER);
  }

  private static SourceSettings settings(String yaml) {
    String data = "train:\n  type: webdataset\n" + yaml.indent(2) + "image: { size: 4 px }\n";
    return Binder.bind(
            RecipeFile.parse(Path.of("data.yaml"), data, List.of(), Map.of()), DataSettings.class)
        .train();
  }

  private void write(String name, TarBytes tar) throws IOException {
    Files.write(folder.resolve(name), tar.bytes());
  }

  private static byte[] png(int value) throws IOException {
    byte[] pixels = new byte[3 * TinySource.SIDE * TinySource.SIDE];
    Arrays.fill(pixels, (byte) value);
    return Png.encode(new RgbImage(TinySource.SIDE, TinySource.SIDE, pixels));
  }
}
