package dev.eosin.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.FolderSettings;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `type: folder` with captions in text files, or in a metadata file.
class CaptionedFolderTest {
  @TempDir private Path folder;

  private Source open(FolderSettings.Captions captions, List<String> templates)
      throws DataException {
    var settings =
        new FolderSettings(
            folder,
            captions,
            Map.of(),
            templates,
            List.of("png", "jpg"),
            Optional.empty(),
            Optional.empty());
    return Sources.open(settings, new ImageDecoder());
  }

  private Source texts() throws DataException {
    return open(FolderSettings.Captions.TEXT_FILES, List.of());
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, text);
  }

  private static List<String> captions(Source source) {
    return LongStream.range(0, source.size())
        .mapToObj(index -> source.get(index).texts().getFirst())
        .toList();
  }

  @Test
  void imagesGoWithTheTextsBesideThem() throws IOException {
    write("b.jpg", "");
    write("b.txt", "\uFEFFGlands, well formed.\n");
    write("deep/a.png", "");
    write("deep/a.txt", "Adipose tissue.");
    write("alone.png", "");
    write("README.txt", "Nothing of an image.");
    Source source = texts();
    assertThat(captions(source)).containsExactly("Glands, well formed.", "Adipose tissue.");
    assertThat(source.get(1).key()).isEqualTo("deep/a.png");
    assertThat(source.classTexts()).isEmpty();
    assertThat(source.reading().passedOver())
        .containsExactly(
            "1 images without a text file beside them, first alone.png",
            "1 text files without an image, first README.txt");
  }

  @Test
  void anotherTextIsOtherData() throws IOException {
    write("a.png", "");
    write("a.txt", "Glands.");
    String before = texts().fingerprint();
    assertThat(texts().fingerprint()).isEqualTo(before);
    write("a.txt", "Fat.");
    assertThat(texts().fingerprint()).isNotEqualTo(before);
  }

  @Test
  void anEmptyTextIsABadRowAndCounted() throws IOException {
    write("a.png", "");
    write("a.txt", " \n");
    write("b.png", "");
    write("b.txt", "Fat.");
    Source source = texts();
    assertThat(source.badSamples().empty()).isEqualTo(new EmptyCaptions(1, List.of("a.txt")));
    assertThatThrownBy(() -> source.get(0).images().getFirst().read())
        .hasMessageContaining("a.txt: the caption is empty");
  }

  @Test
  void whatIsNoSuchFolderIsRefused() throws IOException {
    write("a.png", "");
    assertThatThrownBy(this::texts)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("none of its 1 images has a text file of its name beside it");
    Files.write(folder.resolve("a.txt"), "Dr\u00fcsen".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(this::texts)
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("a.txt", "UTF-8");
    assertThatThrownBy(() -> open(FolderSettings.Captions.TEXT_FILES, List.of("{}.")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("captions: text-files have captions of their own");
    assertThatThrownBy(() -> open(FolderSettings.Captions.METADATA, List.of()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("holds neither metadata.jsonl nor metadata.csv");
  }

  @Test
  void imagefolderOfHuggingFaceIsRead() throws IOException {
    write("train/1.png", "");
    write("2.png", "");
    write("metadata.csv", "file_name,label\n2.png,fat\n");
    Source labelled = open(FolderSettings.Captions.METADATA, List.of("An image of {}."));
    assertThat(captions(labelled)).containsExactly("An image of fat.");
    assertThat(labelled.classTexts()).containsKey("fat");
    write(
        "metadata.jsonl",
        """
        {"file_name": "train/1.png", "text": "Glands."}
        {"file_name": "2.png", "text": "Fat."}
        """);
    assertThat(captions(open(FolderSettings.Captions.METADATA, List.of())))
        .containsExactly("Glands.", "Fat.");
    write("metadata.jsonl", "{\"file_name\": \"2.png\", \"words\": \"Fat.\"}\n");
    assertThatThrownBy(() -> open(FolderSettings.Captions.METADATA, List.of()))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("its columns are", "words", "type: jsonl");
  }
}
