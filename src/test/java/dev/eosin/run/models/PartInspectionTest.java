package dev.eosin.run.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.qformer.TinyStarts;
import dev.eosin.run.TinyTower;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that `eosin inspect` knows as parts of other models.
class PartInspectionTest {
  @TempDir private Path folder;

  private static List<String> lines(Path path) throws IOException {
    return StoredModels.inspect(path).lines();
  }

  @Test
  void evasTowerIsKnown() throws IOException {
    Path eva = TinyTower.eva(folder, 3);
    assertThat(lines(eva))
        .contains("model        an image tower of EVA's kind, without a text tower")
        .anyMatch(line -> line.contains("3 blocks of width 88, MLP 24, 1 heads"))
        .contains("input        32 x 32 px")
        .contains("recipe       tower: { from: \"%s\", layer: -2 }".formatted(eva));
  }

  @Test
  void aBertIsKnown() throws IOException {
    Path bert = TinyStarts.bert(folder.resolve("bert"));
    assertThat(lines(bert))
        .contains("model        a BERT, with its head of words")
        .anyMatch(
            line -> line.contains("4 layers of width 48, MLP 72, 4 heads; 120 ids, 40 positions"))
        .contains("recipe       qformer: { type: bert, path: \"%s\" }".formatted(bert));
  }

  @Test
  void aVisionTransformerOfTimmsIsKnown() throws IOException {
    ParityCase parity = ParityCase.own("bert-timm-plain");
    Path vit = Files.createDirectories(folder.resolve("vit"));
    try (StoredTensors whole = StoredTensors.open(parity.file("model.safetensors"))) {
      var writer = new SafetensorsWriter(Map.of());
      for (String name : whole.names()) {
        if (name.startsWith("visual.trunk.")) {
          writer.add(name.substring("visual.trunk.".length()), whole.entry(name));
        }
      }
      writer.write(vit.resolve("model.safetensors"));
    }
    assertThat(lines(vit))
        .contains("model        a vision transformer of timm's, without a text tower")
        .anyMatch(line -> line.contains("its weights do not tell its heads"))
        .contains("recipe       tower: { from: \"%s\", preset: NAME, layer: -2 }".formatted(vit));
    JsonNode vision = new ObjectMapper().readTree(parity.text("config.json")).path("vision_cfg");
    ObjectNode config = JsonNodeFactory.instance.objectNode().put("architecture", "toy");
    config.set("model_args", vision.path("timm_model_kwargs"));
    Files.writeString(vit.resolve("config.json"), config.toString());
    assertThat(lines(vit))
        .anyMatch(
            line ->
                line.contains(
                    "%d blocks of width %d"
                        .formatted(
                            config.path("model_args").path("depth").asInt(),
                            config.path("model_args").path("embed_dim").asInt())))
        .contains("recipe       tower: { from: \"%s\", layer: -2 }".formatted(vit));
  }
}
