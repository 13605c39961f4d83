package dev.eosin.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.clip.spec.ClipLayouts;
import dev.eosin.config.DataException;
import dev.eosin.tower.TowerNames;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kinds of weight files that the parity cases lack: `src/test/resources/weights`, recorded from
/// the peers with the model of the repository's own case checkpoints.
class RecordedWeightsTest {
  private static final Path RECORDED = Path.of("src/test/resources/weights");
  private static final ObjectMapper JSON = new ObjectMapper();
  private final ParityCase parity = ParityCase.own("checkpoints");
  @TempDir Path folder;

  @Test
  void torchScriptProgramHoldsTheModel() throws IOException {
    Set<String> buffers = Set.of("attn_mask", "context_length", "input_resolution", "vocab_size");
    try (StoredTensors program = StoredTensors.open(RECORDED.resolve("program.pt"))) {
      Set<String> weights = new TreeSet<>(program.names());
      assertThat(weights.removeAll(buffers)).isTrue();
      assertSame(program, weights);
      assertThat(weights).isEqualTo(names());
      assertThat(openClip().check(program, Map.of()).fits()).isTrue();
    }
  }

  @Test
  void shardsOfTorchSaveAreReadThroughTheirIndex() throws IOException {
    try (StoredTensors shards = StoredTensors.open(RECORDED)) {
      assertThat(shards.path()).hasFileName("pytorch_model.bin.index.json");
      assertSame(shards, shards.names());
      JsonNode index = JSON.readTree(RECORDED.resolve("pytorch_model.bin.index.json").toFile());
      assertThat(index.get("weight_map").propertyStream().map(Map.Entry::getKey))
          .isNotEmpty()
          .containsExactlyInAnyOrderElementsOf(shards.names());
    }
  }

  @Test
  void shardThatIsMissingIsNamed() throws IOException {
    for (String file :
        List.of("pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin")) {
      Files.copy(RECORDED.resolve(file), folder.resolve(file));
    }
    assertThatThrownBy(() -> StoredTensors.open(folder))
        .isInstanceOf(DataException.class)
        .hasMessage(
            folder.resolve("pytorch_model.bin.index.json")
                + ": 1 of the 2 files that it names are missing: pytorch_model-00002-of-00002.bin;"
                + " download them into the same folder");
  }

  @Test
  void customTextNamesAndAScaleInAListAreRead() throws IOException {
    Path file = RECORDED.resolve("custom_text.safetensors");
    Layout plain = openClip();
    try (StoredTensors custom =
            ClipLayouts.openClipCustomText(image(), text())
                .read(StoredTensors.open(file), Map.of());
        StoredTensors expected =
            plain.read(StoredTensors.open(parity.file("model.safetensors")), Map.of())) {
      assertThat(custom.names()).isEqualTo(expected.names());
      for (String name : custom.names()) {
        assertThat(custom.entry(name).shape()).as(name).isEqualTo(expected.entry(name).shape());
        assertThat(bytes(custom, name)).as(name).isEqualTo(bytes(expected, name));
      }
    }
  }

  private Layout openClip() throws IOException {
    return ClipLayouts.openClip(image(), text());
  }

  private TowerNames.Vit image() throws IOException {
    return new TowerNames.Vit(config().at("/vision_cfg/layers").intValue());
  }

  private TowerNames.Causal text() throws IOException {
    return new TowerNames.Causal(config().at("/text_cfg/layers").intValue());
  }

  private JsonNode config() throws IOException {
    return JSON.readTree(parity.text("config.json"));
  }

  private Set<String> names() throws IOException {
    try (StoredTensors model = StoredTensors.open(parity.file("model.safetensors"))) {
      return model.names();
    }
  }

  private void assertSame(StoredTensors actual, Set<String> names) throws IOException {
    try (StoredTensors expected = StoredTensors.open(parity.file("model.safetensors"))) {
      for (String name : names) {
        assertThat(actual.entry(name).shape()).as(name).isEqualTo(expected.entry(name).shape());
        assertThat(bytes(actual, name)).as(name).isEqualTo(bytes(expected, name));
      }
    }
  }

  private static byte[] bytes(StoredTensors file, String name) throws IOException {
    return file.entry(name).bytes().toArray(ValueLayout.JAVA_BYTE);
  }
}
