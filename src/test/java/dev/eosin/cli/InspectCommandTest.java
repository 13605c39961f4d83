package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.TensorData;
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
  void bareFileSaysWhatItDoesNotSay() {
    CommandRun run = CommandRun.of("inspect", checkpoints.file("ddp_full.pt"));
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("visual.transformer.resblocks.1.mlp.c_fc.weight")
        .contains("layout      open_clip\n")
        .contains("also in it  epoch, name, optimizer")
        .contains(
            "image       2 layers, width 32, MLP 128, 16 patches of 8 px, an input of 32 x 32")
        .contains("text        1 layers, width 24, MLP 96, 24 tokens of 96")
        .contains("activation  not in this file")
        .contains("weights: { type: open-clip, path: ");
  }

  @Test
  void folderSaysWhatItsConfigurationSays() {
    Path plip = ParityCase.open("hf-clip-plip").folder();
    CommandRun run = CommandRun.of("inspect", plip);
    assertThat(run.out())
        .contains("layout      Hugging Face CLIPModel")
        .contains("activation  quick_gelu\n")
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
    assertThat(json.path("sizes").path("image").path("width").asInt()).isEqualTo(32);
    assertThat(json.path("sizes").path("context").asInt()).isEqualTo(24);
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
