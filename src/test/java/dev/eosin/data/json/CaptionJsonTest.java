package dev.eosin.data.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.MissingFiles;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.settings.LlavaJsonSettings;
import dev.eosin.data.settings.LlavaJsonSettings.WithoutImage;
import dev.eosin.data.settings.PathGenJsonSettings;
import dev.eosin.data.settings.PathGenJsonSettings.MissingTiles;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// LLaVA's conversations and PathGen-1.6M's records.
class CaptionJsonTest {
  private static final String CONVERSATIONS =
      """
      [{"id": "1", "image": "a.png", "type": "OPEN", "wsi_id": "s1", "conversations": [
         {"from": "human", "value": "<image>\\nWhat is this?"}, {"from": "gpt", "value": "Glands. <image>"},
         {"from": "human", "value": "Benign?"}, {"from": "gpt", "value": "Yes."}]},
       {"id": "2", "type": "CLOSE", "wsi_id": "s2", "conversations": [
         {"from": "human", "value": "Hello?"}, {"from": "gpt", "value": "Hello."}]}]
      """;
  private static final String TILES =
      """
      [{"wsi_id": "TCGA-1", "position": ["96", "64"], "caption": "One."},
       {"WSI_id": "TCGA-2", "position": [32, 0], "caption": "Two.", "file_id": "u"}]
      """;

  @TempDir Path folder;

  @Test
  void anAnswerBecomesTheCaption() throws IOException {
    Files.createFile(folder.resolve("a.png"));
    Source first = JsonSource.open(llava(CONVERSATIONS, "gpt", 1, WithoutImage.SKIP));
    assertThat(first.size()).isEqualTo(1);
    assertThat(first.get(0).texts()).containsExactly("Glands.");
    assertThat(first.get(0).group()).contains("s1");
    assertThat(first.notes()).hasSize(1);
    assertThat(first.notes().getFirst())
        .endsWith("1 records without an image (without-image: skip) are left out");
    Source second = JsonSource.open(llava(CONVERSATIONS, "gpt", 2, WithoutImage.SKIP));
    assertThat(second.get(0).texts()).containsExactly("Yes.");
    Source question = JsonSource.open(llava(CONVERSATIONS, "human", 1, WithoutImage.SKIP));
    assertThat(question.get(0).texts()).containsExactly("What is this?");
    assertThat(question.fingerprint()).isNotEqualTo(first.fingerprint());
  }

  @Test
  void conversationsThatDoNotFitAreNamed() throws IOException {
    Files.createFile(folder.resolve("a.png"));
    assertThatThrownBy(() -> JsonSource.open(llava(CONVERSATIONS, "gpt", 1, WithoutImage.REFUSE)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(
            "1 row without an image (without-image: skip leaves them out) (record 2)");
    assertThatThrownBy(() -> JsonSource.open(llava(CONVERSATIONS, "gpt", 3, WithoutImage.SKIP)))
        .hasMessageContaining("1 row with fewer than 3 turns of 'gpt' (turn, speaker) (record 1)");
    String lines = "{\"image\": [\"a.png\", \"b.png\"], \"conversations\": \"none\"}\n";
    assertThatThrownBy(() -> JsonSource.open(llava(lines, "gpt", 1, WithoutImage.SKIP)))
        .hasMessageContaining("1 row with several images (line 1)")
        .hasMessageContaining("1 row without words of 'gpt' (speaker) (line 1)");
    String nothing = "{\"id\": 1, \"conversations\": []}\n";
    assertThatThrownBy(() -> JsonSource.open(llava(nothing, "gpt", 1, WithoutImage.SKIP)))
        .hasMessageContaining("all 1 selected records are left out");
  }

  @Test
  void pathGensTilesLieFlatOrByFolder() throws IOException {
    Files.createFile(folder.resolve("TCGA-1_96_64.png"));
    Path nested = Files.createDirectory(folder.resolve("TCGA-2")).resolve("TCGA-2_32_0.png");
    Files.write(nested, new byte[] {1, 2, 3});
    Source source = JsonSource.open(pathGen(TILES, ".png", MissingTiles.COUNT));
    assertThat(source.size()).isEqualTo(2);
    assertThat(source.badSamples().missing()).isEqualTo(MissingFiles.NONE);
    Sample second = source.get(1);
    assertThat(second.key()).isEqualTo("TCGA-2_32_0");
    assertThat(second.texts()).containsExactly("Two.");
    assertThat(second.group()).contains("TCGA-2");
    assertThat(second.image().encoded()).contains(new byte[] {1, 2, 3});
  }

  @Test
  void missingTilesAreCountedOrSkipped() throws IOException {
    assertThatThrownBy(() -> JsonSource.open(pathGen(TILES, "jpg", MissingTiles.COUNT)))
        .hasMessageContaining("none of the 2 images exists");
    assertThatThrownBy(() -> JsonSource.open(pathGen(TILES, "jpg", MissingTiles.SKIP)))
        .hasMessageContaining("all 2 selected records are left out");
    Files.createFile(folder.resolve("TCGA-2_32_0.jpg"));
    assertThat(JsonSource.open(pathGen(TILES, "jpg", MissingTiles.COUNT)).badSamples().missing())
        .isEqualTo(new MissingFiles(1, List.of("TCGA-1_96_64")));
    Source some = JsonSource.open(pathGen(TILES, "jpg", MissingTiles.SKIP));
    assertThat(some.size()).isEqualTo(1);
    assertThat(some.get(0).key()).isEqualTo("TCGA-2_32_0");
    assertThat(some.notes().getFirst()).contains("1 records without a tile (missing-tiles: skip)");
    String skipped = some.fingerprint();
    Files.createFile(folder.resolve("TCGA-1_96_64.jpg"));
    assertThat(JsonSource.open(pathGen(TILES, "jpg", MissingTiles.SKIP)).fingerprint())
        .isNotEqualTo(skipped);
  }

  @Test
  void faultyPathGenRecordsAreNamed() {
    String text =
        """
        {"position": ["1", "2"], "caption": "A."}
        {"wsi_id": "s", "position": ["1", "-2"], "caption": "A."}
        {"wsi_id": "s", "position": ["1"], "caption": "A."}
        """;
    assertThatThrownBy(() -> JsonSource.open(pathGen(text, "png", MissingTiles.COUNT)))
        .hasMessageContaining("1 row without wsi_id (line 1)")
        .hasMessageContaining("2 rows whose position is not [x, y] in pixels (line 2, 3)");
    assertThatThrownBy(() -> pathGen(text, "p/n", MissingTiles.COUNT))
        .hasMessageContaining("extension: 'p/n' is no file name ending");
  }

  private JsonTable llava(String text, String speaker, int turn, WithoutImage without)
      throws IOException {
    return JsonTable.of(
        new LlavaJsonSettings(
            write(text),
            Optional.empty(),
            speaker,
            turn,
            without,
            text.contains("wsi_id") ? Optional.of("wsi_id") : Optional.empty(),
            Map.of()),
        new ImageDecoder());
  }

  private JsonTable pathGen(String text, String extension, MissingTiles missing)
      throws IOException {
    return JsonTable.of(
        new PathGenJsonSettings(write(text), folder, extension, missing), new ImageDecoder());
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("records.json"), text);
  }
}
