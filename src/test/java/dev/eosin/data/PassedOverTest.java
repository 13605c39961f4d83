package dev.eosin.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeFile;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.shard.TarBytes;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever a source does not take is counted, with an example and the reason.
class PassedOverTest {
  @TempDir Path folder;

  @Test
  void samplesOfShardsMayHaveDotsInTheirNames() throws IOException {
    Path shard = FieldData.copy("dotted-names.tar", folder);
    Source source = open("{ type: webdataset, path: SHARD }".replace("SHARD", shard.toString()));
    assertThat(source.size()).isEqualTo(12);
    assertThat(source.notes()).isEmpty();
    assertThat(source.reading()).isEqualTo(new Reading("1 shards with 12 samples", List.of()));
    String slide = "TCGA-F7-A50J-01Z-00-DX1.D754F90E-8C16-4EFB-97A4-27591CBC250D_";
    assertThat(LongStream.range(0, 4).mapToObj(i -> source.get(i).key()))
        .containsExactly(
            "dotted-names.tar/" + slide + "0_0",
            "dotted-names.tar/000001",
            "dotted-names.tar/" + slide + "1344_0",
            "dotted-names.tar/000003");
    for (long i = 0; i < 12; i++) {
      assertThat(source.get(i).texts()).containsExactly("colon adenocarcinoma, field " + i);
    }
  }

  @Test
  void neighboursOfOneSlideAreSamplesEachAndFurtherPartsAreNot() throws IOException {
    Path shard =
        write(
            "a.tar",
            new TarBytes()
                .file("S.1/A.x.json", "{}")
                .file("S.1/A.x_0.jpg", "1")
                .file("S.1/A.x_0.seg.png", "mask")
                .file("S.1/A.x_0.txt", "First.")
                .file("S.1/A.x_1.jpg", "2")
                .file("S.1/A.x_1.txt", "Second.")
                .file("S.1/A.x_0.jpg", "3")
                .file("S.1/A.x_0.txt", "Third.")
                .file("S.1/A.x_2.JPG", "4")
                .file("S.1/A.x_2.Png", "4")
                .file("S.1/A.x_2.txt", "Fourth.")
                .file("S.1/A.x_2.npy", "numbers")
                .file("S.1/LICENCE", "text")
                .file("./.ipynb_checkpoints/A-checkpoint.jpg", "1")
                .file(".DS_Store", "1"));
    Source source = open("{ type: webdataset, path: SHARD }".replace("SHARD", shard.toString()));
    assertThat(LongStream.range(0, source.size()).mapToObj(i -> source.get(i).texts().getFirst()))
        .containsExactly("First.", "Second.", "Third.", "Fourth.");
    assertThat(source.get(2).key()).isEqualTo("a.tar/S.1/A.x_0");
    String in = ", for example " + shard + ": ";
    List<String> passedOver =
        List.of(
            "1 member with the ending .npy" + in + "S.1/A.x_2.npy",
            "1 member without an ending" + in + "S.1/LICENCE",
            "2 members that are hidden or in a hidden folder"
                + in
                + "./.ipynb_checkpoints/A-checkpoint.jpg",
            "1 member that are further parts of samples" + in + "S.1/A.x_0.seg.png",
            "1 member that are further images of samples" + in + "S.1/A.x_2.Png",
            "1 of 5 samples have no image (.jpg, .png, .jpeg, .webp, .tif, .tiff, .bmp, .gif, .jp2)"
                + in
                + "S.1/A.x.json; they are left out",
            "1 of 5 samples have no caption (.txt)" + in + "S.1/A.x.json; they are left out");
    assertThat(source.reading().passedOver())
        .containsExactlyInAnyOrder(
            LongStream.range(0, 8)
                .mapToObj(i -> i < 7 ? passedOver.get((int) i) : "1 members are not read: .json")
                .toArray(String[]::new));
    assertThat(source.notes())
        .hasSize(7)
        .allMatch(line -> line.matches(".*(passed over|left out)"));
    // The kept index says the same.
    assertThat(open("{ type: webdataset, path: SHARD }".replace("SHARD", shard.toString())).notes())
        .isEqualTo(source.notes());
  }

  @Test
  void otherFilesBesideShardsAreCountedAndOwnOnesAreNot() throws IOException {
    write("a.tar", new TarBytes().file("0.jpg", "1").file("0.txt", "One."));
    Files.writeString(folder.resolve("b.tar.gz"), "packed");
    Files.writeString(folder.resolve("pack.json"), "{}");
    String yaml = "{ type: webdataset, path: FOLDER }".replace("FOLDER", folder.toString());
    List<String> notes =
        List.of(
            "1 file with the ending .gz, for example "
                + folder.resolve("b.tar.gz")
                + "; passed over");
    assertThat(open(yaml).notes()).isEqualTo(notes);
    assertThat(open(yaml).notes()).isEqualTo(notes);
  }

  @Test
  void hiddenFoldersAndOtherFilesOfClassFoldersAreCounted() throws IOException {
    for (String name :
        List.of(
            "ADI/1.png",
            "ADI/deep/2.png",
            "ADI/deep/.ipynb_checkpoints/2-checkpoint.png",
            "ADI/.hidden.png",
            "TUM/3.png",
            "TUM/3.bmp",
            "TUM/4.svs",
            "TUM/5.svs",
            ".git/6.png",
            "labels.csv")) {
      Files.createDirectories(folder.resolve(name).getParent());
      Files.createFile(folder.resolve(name));
    }
    Source source =
        open("{ type: folder, path: F, extensions: [png] }".replace("F", folder.toString()));
    assertThat(LongStream.range(0, source.size()).mapToObj(i -> source.get(i).key()))
        .containsExactly("ADI/1.png", "ADI/deep/2.png", "TUM/3.png");
    assertThat(source.reading().lookedAt()).isEqualTo("3 images in 2 folders of " + folder);
    assertThat(source.reading().passedOver())
        .containsExactly(
            "2 folders that are hidden, with everything in them, for example "
                + folder.resolve(".git"),
            "1 file beside the folders of classes, for example " + folder.resolve("labels.csv"),
            "1 file that are hidden, for example " + folder.resolve("ADI/.hidden.png"),
            "1 file with the ending .bmp, for example " + folder.resolve("TUM/3.bmp"),
            "2 files with the ending .svs, for example " + folder.resolve("TUM/4.svs"));
    assertThat(source.notes()).hasSize(5);
    Files.createDirectories(folder.resolve("ZZ/.ipynb_checkpoints"));
    assertThatThrownBy(
            () ->
                open(
                    "{ type: folder, path: F, extensions: [png] }".replace("F", folder.toString())))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(
            "ZZ: holds no file that ends in one of [png]", "passed over so far");
  }

  @Test
  void rowsThatWhereDoesNotChooseAndEmptyLinesAreCounted() throws IOException {
    Files.createFile(folder.resolve("a.png"));
    Path table = folder.resolve("t.csv");
    Files.writeString(table, "image,split,label\na.png,train,x\n\na.png,test,x\na.png,val,y\n");
    Source source =
        open(
            "{ type: csv, path: T, columns: { image: image, label: label }, where: { split: test } }"
                .replace("T", table.toString()));
    assertThat(source.reading())
        .isEqualTo(
            new Reading(
                "4 rows of " + table,
                List.of("2 rows without {split=test} (where)", "1 empty lines")));
    assertThat(source.notes()).isEmpty();
  }

  private Path write(String name, TarBytes tar) throws IOException {
    return Files.write(folder.resolve(name), tar.bytes());
  }

  private static Source open(String yaml) throws IOException {
    String data = "train: " + yaml + "\nimage: { size: 4 px }\n";
    DataSettings settings =
        Binder.bind(
            RecipeFile.parse(Path.of("data.yaml"), data, List.of(), Map.of()), DataSettings.class);
    return Sources.open(settings.train(), new ImageDecoder());
  }
}
