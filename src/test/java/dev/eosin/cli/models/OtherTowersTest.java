package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.cli.CommandRun;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.clip.ModelSettings;
import dev.eosin.clip.WeightsSettings;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.clip.stored.StartingWeights;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `eosin convert`, `merge` and `inspect` of models with a timm trunk and a BERT text tower.
@Tag("parity")
class OtherTowersTest {
  @TempDir private Path folder;

  /// A folder as open_clip loads one: what was recorded, and a tokenizer.
  private Path model(String name) throws IOException {
    ParityCase recorded = ParityCase.open(name);
    Path model = Files.createDirectory(folder.resolve(name));
    Files.copy(recorded.file("model.safetensors"), model.resolve("open_clip_model.safetensors"));
    Files.copy(recorded.file("config.json"), model.resolve("open_clip_config.json"));
    Files.copy(tokenizer(name), model.resolve("tokenizer.json"));
    return model;
  }

  private static Path tokenizer(String name) {
    return ParityCase.open(name).beside("tokenizer-bert").file("tokenizer.json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert-timm-gelu", "bert-timm-swiglu", "bert-timm-plain"})
  void openClipGoesThroughEosinAndBack(String name) throws IOException {
    Path eosin = convert(model(name), "eosin", "eosin");
    assertThat(eosin.resolve("model.json")).exists();
    Path back = convert(eosin, "open-clip", "back");
    Path written = back.resolve("open_clip_model.safetensors");
    assertSame(written, ParityCase.open(name).file("model.safetensors"));
    Path again = convert(back, "eosin", "again.safetensors");
    assertThat(again).hasSameBinaryContentAs(eosin.resolve("model.safetensors"));
    assertThat(back.resolve("tokenizer.json")).hasSameBinaryContentAs(tokenizer(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert-timm-gelu", "bert-timm-swiglu", "bert-timm-plain"})
  void positionsOfATimmTowerAreFittedToAnotherSize(String name) throws IOException {
    Path model = model(name);
    var settings =
        new ModelSettings(
            Optional.empty(),
            Optional.of(model.resolve("open_clip_config.json")),
            Optional.of(new WeightsSettings.OpenClip(model)),
            Optional.empty(),
            ModelSettings.TextPositions.INTERPOLATE,
            0,
            Optional.empty());
    ClipSpec own = settings.spec();
    int side = 2 * own.image().height();
    ClipSpec larger = own.withInput(side, side, own.text().context());
    try (StartingWeights first = StartingWeights.open(settings, larger).orElseThrow()) {
      ClipWeights.check(larger, first.layout(), first.file());
      assertThat(first.notes())
          .anyMatch(note -> note.startsWith("the weights' image positions were interpolated from"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bert-timm-gelu, open-clip, open_clip_config.json",
    "bert-timm-gelu, eosin, model.json",
    "bert-timm-swiglu, open-clip, open_clip_config.json",
    "bert-timm-swiglu, eosin, model.json"
  })
  void theResultStartsARecipe(String name, String layout, String config) throws IOException {
    Path out = convert(model(name), layout, "out");
    WeightsSettings weights =
        layout.equals("eosin") ? new WeightsSettings.Eosin(out) : new WeightsSettings.OpenClip(out);
    var settings =
        new ModelSettings(
            Optional.empty(),
            Optional.of(out.resolve(config)),
            Optional.of(weights),
            Optional.empty(),
            ModelSettings.TextPositions.INTERPOLATE,
            0,
            Optional.empty());
    try (StartingWeights first = StartingWeights.open(settings, settings.spec()).orElseThrow()) {
      assertThat(first.notes()).isEmpty();
      assertThat(first.layout().check(first.file(), Map.of()).fits()).isTrue();
    }
    assertThat(out.resolve("tokenizer.json")).hasSameBinaryContentAs(tokenizer(name));
  }

  @Test
  void aPoolerThatTheTowerDoesNotUseIsLeftOutAndNamed() throws IOException {
    CommandRun run =
        CommandRun.of(
            "convert", model("bert-timm-gelu"), folder.resolve("out"), "--to", "open-clip");
    assertThat(run.out())
        .contains(
            "note: text.transformer.pooler.dense.bias, text.transformer.pooler.dense.weight is not used by this model and not written");
  }

  @Test
  void bareWeightsAskForTheirConfigurationAndTakeIt() {
    ParityCase recorded = ParityCase.open("bert-timm-swiglu");
    Path weights = recorded.file("model.safetensors");
    Path out = folder.resolve("out.safetensors");
    CommandRun bare = CommandRun.of("convert", weights, out, "--to", "eosin");
    assertThat(bare.code()).isEqualTo(ExitCode.DATA);
    assertThat(bare.err())
        .hasLineCount(1)
        .contains("holds a timm trunk and a BERT text tower", "--config");
    CommandRun wrong = CommandRun.of("convert", weights, out, "--to", "eosin", "--preset", "tiny");
    assertThat(wrong.code()).isEqualTo(ExitCode.DATA);
    assertThat(wrong.err())
        .hasLineCount(1)
        .contains("holds a timm trunk", "is said to be CLIP's own vision transformer");
    assertThat(folder).isEmptyDirectory();
    Path config = recorded.file("config.json");
    assertThat(CommandRun.of("convert", weights, out, "--to", "eosin", "--config", config).code())
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"out", "out.safetensors"})
  void aClipModelOfHuggingFaceIsRefusedWithTheReason(String out) throws IOException {
    CommandRun run =
        CommandRun.of(
            "convert", model("bert-timm-gelu"), folder.resolve(out), "--to", "hugging-face");
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err()).hasLineCount(1).contains("has CLIP's own image tower", "one of timm");
    assertThat(folder.resolve(out)).doesNotExist();
  }

  @Test
  void twoModelsOfDifferentLayoutsAreMerged() throws IOException {
    Path model = model("bert-timm-swiglu");
    Path tripled = folder.resolve("tripled.safetensors");
    Path eosin = convert(model, "eosin", "eosin.safetensors");
    try (StoredTensors tensors = StoredTensors.open(eosin)) {
      SafetensorsWriter writer = new SafetensorsWriter(Map.of());
      for (String name : tensors.names()) {
        float[] values = tensors.floats(name);
        for (int i = 0; i < values.length; i++) {
          values[i] *= 3;
        }
        long[] shape = tensors.header(name).shape().stream().mapToLong(Long::longValue).toArray();
        writer.add(name, TensorData.of(values, shape));
      }
      writer.write(tripled);
    }
    Path out = folder.resolve("merged");
    Path config = model.resolve("open_clip_config.json");
    CommandRun run =
        CommandRun.of("merge", model, tripled, "--weight", "0.5", "--config", config, "--out", out);
    assertThat(run.err()).isEmpty();
    assertThat(out.resolve("config.json")).exists();
    try (StoredTensors merged = StoredTensors.open(out);
        StoredTensors original = StoredTensors.open(model)) {
      for (String name : merged.names()) {
        float[] expected = original.floats(name);
        for (int i = 0; i < expected.length; i++) {
          expected[i] = (float) (0.5 * expected[i] + 0.5 * (double) (3 * expected[i]));
        }
        assertThat(merged.floats(name)).as(name).containsExactly(expected);
      }
    }
  }

  @Test
  void inspectNamesTheKindsAndWhatTheConfigurationSays() throws IOException {
    Path model = model("bert-timm-swiglu");
    JsonNode config =
        new ObjectMapper().readTree(ParityCase.open("bert-timm-swiglu").text("config.json"));
    JsonNode trunk = config.at("/vision_cfg/timm_model_kwargs");
    JsonNode bert = config.at("/text_cfg/hf_model_config");
    int patch = number(trunk, "patch_size");
    int patches = (int) Math.pow(number(trunk, "img_size") / patch, 2);
    int width = number(trunk, "embed_dim");
    assertThat(CommandRun.of("inspect", model).out())
        .contains("layout      open_clip\n")
        .contains(
            "image       a timm trunk: %d layers, width %d, MLP %d (gated), %d positions"
                .formatted(
                    number(trunk, "depth"),
                    width,
                    (int) (width * trunk.get("mlp_ratio").doubleValue()) / 2,
                    patches))
        .contains("%d registers, patches of %d px".formatted(number(trunk, "reg_tokens"), patch))
        .contains(
            "text        a BERT text tower: %d layers, width %d, MLP %d, at most %d tokens of %d"
                .formatted(
                    number(bert, "num_hidden_layers"),
                    number(bert, "hidden_size"),
                    number(bert, "intermediate_size"),
                    number(bert, "max_position_embeddings"),
                    number(bert, "vocab_size")))
        .contains("embedding   %d\n".formatted(number(config, "embed_dim")))
        .contains(
            "captions    %d tokens\n".formatted(number(config.get("text_cfg"), "context_length")))
        .contains("pooling     image mean, text mean\n")
        .contains(
            "heads       image %d, text %d\n"
                .formatted(number(trunk, "num_heads"), number(bert, "num_attention_heads")))
        .doesNotContain("activation")
        .contains("  config: \"" + model.resolve("open_clip_config.json") + "\"")
        .contains("  weights: { type: open-clip, path: \"" + model + "\" }");
  }

  private static int number(JsonNode config, String key) {
    return config.get(key).intValue();
  }

  @Test
  void inspectSaysWhatBareWeightsDoNotSay() throws IOException {
    Path bare = ParityCase.open("bert-timm-plain").file("model.safetensors");
    assertThat(CommandRun.of("inspect", bare).out())
        .contains("a timm trunk", "a BERT text tower")
        .contains("pooling     not in this file\n")
        .contains("  config: <an open_clip model config with these sizes>");
    Path eosin = convert(model("bert-timm-plain"), "eosin", "eosin");
    assertThat(CommandRun.of("inspect", eosin).out())
        .contains("layout      Eosin\n", "a timm trunk", "a BERT text tower")
        .contains("  weights: { type: eosin, path: \"" + eosin + "\" }");
  }

  private Path convert(Path in, String to, String out) {
    Path path = folder.resolve(out);
    CommandRun run = CommandRun.of("convert", in, path, "--to", to);
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    return path;
  }

  /// But for buffers and the pooler that the towers of these cases do not use.
  private static void assertSame(Path actual, Path expected) throws IOException {
    try (StoredTensors one = StoredTensors.open(actual);
        StoredTensors two = StoredTensors.open(expected)) {
      TreeSet<String> names = new TreeSet<>(two.names());
      names.removeIf(name -> name.endsWith(".position_ids"));
      TreeSet<String> left = new TreeSet<>(names);
      left.removeAll(one.names());
      assertThat(left).allMatch(name -> name.startsWith("text.transformer.pooler."));
      names.removeAll(left);
      assertThat(one.names()).isEqualTo(names);
      for (String name : names) {
        assertThat(one.header(name)).as(name).isEqualTo(two.header(name));
        assertThat(bytes(one, name)).as(name).isEqualTo(bytes(two, name));
      }
    }
  }

  private static byte[] bytes(StoredTensors file, String name) throws IOException {
    return file.entry(name).bytes().toArray(ValueLayout.JAVA_BYTE);
  }
}
