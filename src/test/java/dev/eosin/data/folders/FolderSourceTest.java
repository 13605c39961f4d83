package dev.eosin.data.folders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.settings.FolderSettings;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderSourceTest {
  private static final ImageDecoder DECODER = new ImageDecoder();
  private static final List<String> TEMPLATES = List.of("An H&E image of {}.", "{}, H&E.");

  @TempDir Path folder;

  @Test
  void filesAreSortedByClassAndPathWithCaptionsFromTemplates() throws IOException {
    touch("TUM/b.png", "TUM/a.TIF", "TUM/deep/c.jpeg", "ADI/z.jpg", "ADI/notes.txt", ".git/x.png");
    Map<String, String> names = new LinkedHashMap<>();
    names.put("TUM", "tumour");
    names.put("ADI", "fat");
    Source source = open(names);
    assertThat(LongStream.range(0, source.size()).mapToObj(i -> source.get(i).key()))
        .containsExactly("ADI/z.jpg", "TUM/a.TIF", "TUM/b.png", "TUM/deep/c.jpeg");
    Sample last = source.get(3);
    assertThat(last.label()).contains("TUM");
    assertThat(last.texts()).containsExactly("An H&E image of tumour.", "tumour, H&E.");
    assertThat(source.classTexts().keySet()).containsExactly("TUM", "ADI");
  }

  @Test
  void withoutClassNamesTheFolderNameIsTheText() throws IOException {
    touch("stroma/a.png");
    Source source = open(Map.of());
    assertThat(source.get(0).texts()).contains("An H&E image of stroma.");
    assertThat(source.classTexts()).containsExactly(Map.entry("stroma", "stroma"));
  }

  @Test
  void aClassWithoutATextIsRefused() throws IOException {
    touch("TUM/a.png", "ADI/a.png");
    assertThatThrownBy(() -> open(Map.of("TUM", "tumour")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("class-names has no text for the folder(s) [ADI]; it names [TUM]");
  }

  @Test
  void aTextOfNoFolderIsNamed() throws IOException {
    touch("TUM/a.png", "ADI/a.png");
    assertThat(open(Map.of("TUM", "tumour", "ADI", "fat", "TUMR", "tumor")).notes())
        .anyMatch(
            note ->
                note.endsWith(
                    "class-names has [TUMR], which no sample here is labelled as; the labels are [ADI, TUM]"));
  }

  @Test
  void emptyFoldersAreRefused() throws IOException {
    assertThatThrownBy(() -> open(Map.of())).hasMessageContaining("holds no folders");
    touch("TUM/a.webp");
    assertThatThrownBy(() -> open(Map.of()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("TUM: holds no file that ends in one of [png, jpg, jpeg, tif, tiff]");
    Path absent = folder.resolve("absent");
    FolderSettings settings = new FolderSettings(absent, Map.of(), List.of(), List.of("png"));
    assertThatThrownBy(() -> FolderSource.open(settings, DECODER))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("absent: no such folder");
  }

  @Test
  void theFingerprintFollowsTheFileList() throws IOException {
    touch("TUM/a.png");
    String fingerprint = open(Map.of()).fingerprint();
    assertThat(open(Map.of("TUM", "tumour")).fingerprint()).isEqualTo(fingerprint);
    touch("TUM/b.png");
    assertThat(open(Map.of()).fingerprint()).isNotEqualTo(fingerprint);
  }

  private Source open(Map<String, String> classNames) throws IOException {
    List<String> extensions = List.of("png", "jpg", "jpeg", "tif", "tiff");
    return FolderSource.open(
        new FolderSettings(folder, classNames, TEMPLATES, extensions), DECODER);
  }

  private void touch(String... files) throws IOException {
    for (String file : files) {
      Path path = folder.resolve(file);
      Files.createDirectories(path.getParent());
      Files.createFile(path);
    }
  }
}
