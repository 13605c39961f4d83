package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.cli.CommandRun;
import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `eosin convert`: every way round, bit for bit, and what it refuses.
@Tag("parity")
class ConvertCommandTest {
  private static final Path RECORDED = Path.of("src/test/resources/weights");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"hf-clip-plip", "hf-clip-neweos"})
  void huggingFaceFolderBecomesThePeersOpenClipFileAndComesBack(String name) throws IOException {
    ParityCase parity = ParityCase.open(name);
    Path openClip = convert(parity.folder(), "open-clip", "open-clip");
    assertSame(
        openClip.resolve("open_clip_model.safetensors"), parity.file("model.openclip.safetensors"));
    assertThat(openClip.resolve("open_clip_config.json")).exists();
    Path eosin = convert(openClip, "eosin", "eosin");
    Path back = convert(eosin, "hugging-face", "back");
    assertSame(back.resolve("model.safetensors"), parity.file("model.safetensors"));
    var written = new JsonMapper().readTree(back.resolve("config.json").toFile());
    var original = new JsonMapper().readTree(parity.text("config.json"));
    for (String key : List.of("vision_config", "text_config")) {
      assertThat(written.path(key).path("hidden_act"))
          .isEqualTo(original.path(key).path("hidden_act"));
    }
    assertThat(written.path("text_config").path("eos_token_id"))
        .isEqualTo(original.path("text_config").path("eos_token_id"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "openclip-gelu",
        "openclip-quickgelu",
        "openclip-train-gelu",
        "openclip-train-quickgelu",
        "checkpoints"
      })
  void openClipFileGoesThroughHuggingFaceAndBack(String name) throws IOException {
    ParityCase parity = ParityCase.open(name);
    Path file = parity.file("model.safetensors");
    Path config = parity.file("config.json");
    Path there = convert(file, "hugging-face", "there", "--config", config);
    Path back = convert(there, "open-clip", "back");
    assertSame(back.resolve("open_clip_model.safetensors"), file);
  }

  /// Numbers stay as they are, and what is wrong with them is said.
  @Test
  void brokenNumbersAndWrappedNamesAreNoted() throws IOException {
    Path file = folder.resolve("wrapped.safetensors");
    var writer = new SafetensorsWriter(Map.of());
    try (StoredTensors stored =
        StoredTensors.open(ParityCase.open("checkpoints").file("model.safetensors"))) {
      for (String name : stored.names()) {
        float[] values = stored.floats(name);
        if (name.equals("visual.proj")) {
          values[5] = Float.NaN;
          values[6] = Float.POSITIVE_INFINITY;
        }
        if (name.equals("logit_scale")) {
          values[0] = 100;
        }
        writer.add("_orig_mod." + name, TensorData.of(values, stored.entry(name).dimensions()));
      }
      writer.write(file);
    }
    Path out = folder.resolve("out.safetensors");
    CommandRun run = CommandRun.of("convert", file, out, "--to", "eosin");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("note: " + file + ": the tensors' names were taken without what was wrapped")
        .contains("note: " + file + ": logit-scale is 100.0, which is no logarithm")
        .contains("note: " + file + ": 1 of its tensors holds numbers that are not finite")
        .containsPattern("\n  _orig_mod.visual.proj: 1 NaN and 1 infinite of \\d+ numbers");
    CommandRun inspected = CommandRun.of("inspect", file);
    assertThat(inspected.out())
        .contains("layout      open_clip\n")
        .containsPattern("warning     1 of its tensors holds numbers that are not finite\n")
        .containsPattern("_orig_mod.visual.proj: 1 NaN and 1 infinite of \\d+ numbers")
        .contains("store its logarithm, 4.6052");
    assertThat(CommandRun.of("inspect", "--json", file).out()).contains("\"warnings\" : [ \"1 of");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ddp_full.pt", "plain_state_dict.pt", "plain.bin", "legacy_nonzip.pt"})
  void filesOfTorchSaveBecomeSafetensors(String name) throws IOException {
    ParityCase parity = ParityCase.open("checkpoints");
    Path out = convert(parity.file(name), "open-clip", "out.safetensors");
    assertSame(out, parity.file("model.safetensors"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"program.pt", "custom_text.safetensors"})
  void programsAndCustomTextBecomeOpenClip(String name) throws IOException {
    Path out = convert(RECORDED.resolve(name), "open-clip", "out.safetensors");
    assertSame(out, ParityCase.own("checkpoints").file("model.safetensors"));
  }

  @Test
  void numbersAreRoundedAsThePeerRoundsThem() throws IOException {
    ParityCase parity = ParityCase.open("checkpoints");
    Path model = parity.file("model.safetensors");
    Path brain = convert(model, "open-clip", "bf16.safetensors", "--dtype", "bf16");
    assertSame(brain, parity.file("bf16.bin"));
    Path half = convert(model, "open-clip", "fp16.safetensors", "--dtype", "fp16");
    assertSame(half, parity.file("fp16.pt"));
    Path wide = convert(brain, "open-clip", "fp32.safetensors", "--dtype", "fp32");
    try (StoredTensors tensors = StoredTensors.open(wide)) {
      assertThat(tensors.header("visual.proj").type()).isEqualTo(StoredType.F32);
    }
  }

  @Test
  void bareFileForAFolderAsksForTheArchitecture() {
    Path file = ParityCase.open("checkpoints").file("plain.bin");
    CommandRun run = CommandRun.of("convert", file, "--to", "hugging-face", folder.resolve("out"));
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err())
        .hasLineCount(1)
        .startsWith("eosin: " + file)
        .contains("does not say which activation", "--preset", "--config");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void architectureThatContradictsTheFoldersIsRefused() throws IOException {
    ParityCase parity = ParityCase.open("hf-clip-plip");
    ObjectNode config = (ObjectNode) new JsonMapper().readTree(parity.text("config.openclip.json"));
    boolean quick = config.path("quick_gelu").asBoolean();
    config.put("quick_gelu", !quick);
    Path named = Files.writeString(folder.resolve("named.json"), config.toString());
    CommandRun run =
        CommandRun.of(
            "convert", parity.folder(), "--to", "eosin", folder.resolve("o"), "--config", named);
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err())
        .hasLineCount(1)
        .contains("activation " + (quick ? "quick_gelu against gelu" : "gelu against quick_gelu"));
  }

  @Test
  void whatIsThereIsReplacedOnlyWhenAskedTo() throws IOException {
    Path file = ParityCase.open("checkpoints").file("plain.bin");
    Path out = Files.writeString(folder.resolve("out.safetensors"), "precious");
    CommandRun refused = CommandRun.of("convert", file, "--to", "eosin", out);
    assertThat(refused.code()).isEqualTo(ExitCode.DATA);
    assertThat(refused.err()).hasLineCount(1).contains("--replace");
    assertThat(out).hasContent("precious");
    convert(file, "eosin", "out.safetensors", "--replace");
    assertThat(out).hasSameBinaryContentAs(convert(file, "eosin", "elsewhere.safetensors"));
  }

  @Test
  void aModelIsNotReplacedByItsOwnConversion() throws IOException {
    Path config = ParityCase.open("checkpoints").file("config.json");
    Path file = ParityCase.open("checkpoints").file("plain.bin");
    Path model = convert(file, "open-clip", "model", "--config", config);
    Path kept = Files.writeString(model.resolve("notes.txt"), "precious");
    for (Path in : List.of(model, model.resolve("open_clip_model.safetensors"))) {
      CommandRun run = CommandRun.of("convert", in, model, "--to", "eosin", "--replace");
      assertThat(run.code()).isEqualTo(ExitCode.DATA);
      assertThat(run.err()).hasLineCount(1).contains("is or holds " + in);
    }
    assertThat(kept).hasContent("precious");
  }

  @Test
  void logitBiasStaysInOpenClipAndIsRefusedForHuggingFace() throws IOException {
    Path biased = folder.resolve("siglip.safetensors");
    try (StoredTensors model =
        StoredTensors.open(ParityCase.open("checkpoints").file("model.safetensors"))) {
      SafetensorsWriter writer = new SafetensorsWriter(Map.of());
      for (String name : model.names()) {
        writer.add(name, model.entry(name));
      }
      writer.add("logit_bias", TensorData.of(new float[] {-10}, 1)).write(biased);
    }
    Path out = convert(biased, "open-clip", "out.safetensors");
    try (StoredTensors tensors = StoredTensors.open(out)) {
      assertThat(tensors.floats("logit_bias")).containsExactly(-10);
    }
    CommandRun run =
        CommandRun.of("convert", biased, "--to", "hugging-face", folder.resolve("h.safetensors"));
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err()).hasLineCount(1).contains("has a logit bias", "--to open-clip");
  }

  private Path convert(Path in, String to, String out, Object... more) {
    Path path = folder.resolve(out);
    List<Object> arguments = new ArrayList<>(List.of("convert", in, path, "--to", to));
    arguments.addAll(List.of(more));
    CommandRun run = CommandRun.of(arguments.toArray());
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    return path;
  }

  private static void assertSame(Path actual, Path expected) throws IOException {
    try (StoredTensors one = StoredTensors.open(actual);
        StoredTensors two = StoredTensors.open(expected)) {
      TreeSet<String> names = new TreeSet<>(two.names());
      names.removeIf(name -> name.endsWith(".position_ids"));
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
