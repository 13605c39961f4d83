package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.cli.CommandRun;
import dev.eosin.clip.Clip;
import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.nn.Weight;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `eosin inspect`: what files are, what they do not say, and the lines for a recipe.
class InspectCommandTest {
  private final ParityCase checkpoints = ParityCase.open("checkpoints");
  @TempDir private Path folder;

  @Test
  void bareFileSaysWhatItDoesNotSay() throws IOException {
    JsonNode image = config(checkpoints).get("vision_cfg");
    JsonNode text = config(checkpoints).get("text_cfg");
    int size = image.get("image_size").intValue();
    int patch = image.get("patch_size").intValue();
    CommandRun brief = CommandRun.of("inspect", checkpoints.file("ddp_full.pt"));
    assertThat(brief.out()).startsWith("file        ").doesNotContain("resblocks");
    CommandRun run = CommandRun.of("inspect", checkpoints.file("ddp_full.pt"), "--tensors");
    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith(brief.out());
    assertThat(run.out())
        .contains(
            "visual.transformer.resblocks.%d.mlp.c_fc.weight"
                .formatted(image.get("layers").intValue() - 1))
        .contains("layout      open_clip\n")
        .contains("also in it  epoch, name, optimizer")
        .contains(
            "image       %s, %d patches of %d px, an input of %d x %d px"
                .formatted(tower(image), size / patch * (size / patch), patch, size, size))
        .contains(
            "text        %s, %d tokens of %d\n"
                .formatted(
                    tower(text),
                    text.get("context_length").intValue(),
                    text.get("vocab_size").intValue()))
        .contains("activation  not in this file")
        .contains("weights: { type: open-clip, path: ");
  }

  private static JsonNode config(ParityCase recorded) throws IOException {
    return new JsonMapper().readTree(recorded.text("config.json"));
  }

  private static String tower(JsonNode config) {
    int width = config.get("width").intValue();
    int mlp = (int) (width * config.get("mlp_ratio").doubleValue());
    return "%d layers, width %d, MLP %d".formatted(config.get("layers").intValue(), width, mlp);
  }

  @Test
  void folderSaysWhatItsConfigurationSays() throws IOException {
    ParityCase recorded = ParityCase.open("hf-clip-plip");
    Path plip = recorded.folder();
    CommandRun run = CommandRun.of("inspect", plip);
    assertThat(run.out())
        .contains("layout      Hugging Face CLIPModel")
        .contains(
            "activation  %s\n".formatted(config(recorded).at("/text_config/hidden_act").asText()))
        .contains("end of text at the largest id\n")
        .contains("  config: \"" + plip.resolve("config.json") + "\"")
        .contains("  weights: { type: hugging-face, path: \"" + plip + "\" }");
  }

  @Test
  void shapesOfAPresetNameIt() throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter(Map.of());
    for (Weight weight : Clip.weights(ClipPresets.named("tiny"))) {
      int elements = (int) LongStream.of(weight.shape()).reduce(1, (a, b) -> a * b);
      writer.add(weight.name(), TensorData.of(new float[elements], weight.shape()));
    }
    Path file = folder.resolve("tiny.safetensors");
    writer.write(file);
    assertThat(CommandRun.of("inspect", file).out())
        .contains("layout      Eosin")
        .contains("  preset: <tiny or tiny-quickgelu: whoever trained the model knows>")
        .contains("type: eosin");
  }

  @Test
  void jsonHoldsTheSame() throws IOException {
    Path program = Path.of("src/test/resources/weights/program.pt");
    CommandRun run = CommandRun.of("inspect", "--json", program);
    JsonNode json = new JsonMapper().readTree(run.out());
    assertThat(json.path("kind").asText()).isEqualTo("TorchScript program");
    assertThat(json.path("layout").asText()).isEqualTo("open-clip");
    // The program holds the model of the repository's own case.
    JsonNode config = config(ParityCase.own("checkpoints"));
    assertThat(json.at("/sizes/image/width")).isEqualTo(config.at("/vision_cfg/width"));
    assertThat(json.at("/sizes/context")).isEqualTo(config.at("/text_cfg/context_length"));
    assertThat(json.has("activation")).isFalse();
    JsonNode mask = json.path("tensors").path("attn_mask");
    assertThat(mask.path("type").asText()).isEqualTo("F32");
    assertThat(mask.path("shape").size()).isEqualTo(2);
  }

  @Test
  void filesThatAreNoModelAreNamedForWhatTheyAre() throws IOException {
    assertThat(CommandRun.of("inspect", checkpoints.file("shared_storage_views.pt")).out())
        .contains("layout      no CLIP model");
    Path adapters = folder.resolve("adapter_model.safetensors");
    new SafetensorsWriter(Map.of())
        .add("base_model.model.q_proj.lora_A.weight", TensorData.of(new float[4], 2, 2))
        .write(adapters);
    assertThat(CommandRun.of("inspect", adapters).out()).contains("LoRA adapters");
    assertThat(CommandRun.of("inspect", checkpoints.file("with_attn_mask.pt")).code()).isZero();
  }
}
