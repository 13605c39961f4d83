package dev.eosin.recipe.stored;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.config.DataException;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files in, embeddings out, against transformers and open_clip on the same folders; see
/// src/test/resources/embeddings.
class StoredEmbedderTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);
  private static final List<String> TEXTS =
      List.of("a tile of tumour", "stroma", "a tile of stroma with tumour a tile");

  @TempDir private Path home;

  private static Path recorded(String name) throws IOException {
    try {
      var url = StoredEmbedderTest.class.getResource("/embeddings/" + name);
      if (url == null) {
        throw new AssertionError("no resource /embeddings/" + name);
      }
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  private Path huggingFace() throws IOException {
    Path folder = Files.createDirectories(home.resolve("hf"));
    ParityCase of = ParityCase.own("hf-clip-plip");
    Files.copy(of.file("model.safetensors"), folder.resolve("model.safetensors"));
    Files.copy(of.file("config.json"), folder.resolve("config.json"));
    Files.copy(recorded("hf-tokenizer.json"), folder.resolve("tokenizer.json"));
    Files.copy(recorded("preprocessor_config.json"), folder.resolve("preprocessor_config.json"));
    return folder;
  }

  private Path openClip() throws IOException {
    Path folder = Files.createDirectories(home.resolve("openclip"));
    ParityCase of = ParityCase.own("openclip-gelu");
    Files.copy(of.file("model.safetensors"), folder.resolve("open_clip_model.safetensors"));
    Files.copy(recorded("openclip-tokenizer.json"), folder.resolve("tokenizer.json"));
    Files.writeString(
        folder.resolve("open_clip_config.json"),
        "{\"model_cfg\": %s}".formatted(of.text("config.json")));
    return folder;
  }

  private static float[] embedded(StoredEmbedder model, StoredEmbedder.Loaded loaded, Path file)
      throws IOException {
    TileTransform transform = model.images().transforms().evaluation();
    RgbImage tile =
        transform.apply(
            model.images().decoder().decode(file),
            new RandomKey(0).stream(Purpose.AUGMENTATION, 0, 0));
    byte[] pixels = new byte[3 * tile.width() * tile.height()];
    tile.writePlanar(pixels, 0);
    return loaded.embedder().embedImages(pixels, 1)[0];
  }

  private static void compare(Path folder, String peer) throws IOException {
    try (StoredEmbedder model = StoredEmbedder.open(StoredEmbedder.Wanted.of(folder));
        StoredEmbedder.Loaded loaded = model.load(ENGINE, 8);
        SafetensorsFile expected = SafetensorsFile.open(recorded("expected.safetensors"))) {
      int images = 0;
      for (String name : expected.names()) {
        String file = name.substring(name.indexOf('.') + 1);
        if (!name.startsWith(peer + ".") || !file.contains(".")) {
          continue;
        }
        Path image = ParityCase.own("preprocess").file("images/" + file);
        float[] found = embedded(model, loaded, image);
        // PNG pixels are equal, JPEGs' differ by a level where another decoder takes other ways.
        float tolerance = file.endsWith(".png") ? 1e-5f : 2e-3f;
        assertThat(found).as(name).containsExactly(expected.floats(name), within(tolerance));
        images++;
      }
      assertThat(images).isEqualTo(14);
      float[][] texts = loaded.embedder().embedTexts(TEXTS);
      float[] wanted = expected.floats(peer + ".texts");
      for (int i = 0; i < wanted.length; i++) {
        assertThat(texts[i / 32][i % 32]).isCloseTo(wanted[i], within(1e-5f));
      }
      assertThat(loaded.logitScale())
          .isCloseTo(expected.floats(peer + ".logit_scale")[0], within(1e-4));
    }
  }

  @Test
  void aFolderOfHuggingFaces() throws IOException {
    compare(huggingFace(), "hf");
  }

  @Test
  void aFolderOfOpenClips() throws IOException {
    compare(openClip(), "openclip");
  }

  @Test
  void pinsTellModelsAndTheirInputsApart() throws IOException {
    Path folder = huggingFace();
    try (StoredEmbedder one = StoredEmbedder.open(StoredEmbedder.Wanted.of(folder));
        StoredEmbedder other = StoredEmbedder.open(StoredEmbedder.Wanted.of(openClip()))) {
      assertThat(one.imagePins().get("model.sha256"))
          .isNotEqualTo(other.imagePins().get("model.sha256"))
          .isEqualTo(one.textPins().get("model.sha256"));
      assertThat(other.notes()).anyMatch(note -> note.contains("does not say how images are prep"));
      String before = one.imagePins().get("preprocessing");
      Path config = folder.resolve("preprocessor_config.json");
      Files.writeString(config, Files.readString(config).replace("0.48145466", "0.5"));
      try (StoredEmbedder changed = StoredEmbedder.open(StoredEmbedder.Wanted.of(folder))) {
        assertThat(changed.imagePins().get("preprocessing")).isNotEqualTo(before);
        assertThat(changed.textPins()).isEqualTo(one.textPins());
      }
    }
  }

  @Test
  void whatDoesNotFitIsRefused() throws IOException {
    Path folder = huggingFace();
    Path config = folder.resolve("preprocessor_config.json");
    String said = Files.readString(config);
    Files.writeString(config, said.replace("\"shortest_edge\": 32", "\"shortest_edge\": 36"));
    assertThatThrownBy(() -> StoredEmbedder.open(StoredEmbedder.Wanted.of(folder)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("crop_size")
        .hasMessageContaining("is 32 px of a side of 36 px");
    Files.writeString(config, said);
    Path tokenizer = folder.resolve("tokenizer.json");
    Files.writeString(tokenizer, Files.readString(tokenizer).replace("289", "300"));
    assertThatThrownBy(() -> StoredEmbedder.open(StoredEmbedder.Wanted.of(folder)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("its tokenizer has 301 ids, the model 290");
    Files.delete(tokenizer);
    assertThatThrownBy(() -> StoredEmbedder.open(StoredEmbedder.Wanted.of(folder)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("has no tokenizer.json, and its vocabulary of 290 is not CLIP's");
  }
}
