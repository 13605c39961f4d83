package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.cli.CommandRun;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.language.TinyLanguage;
import dev.eosin.vllm.TinyVisionLanguage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `eosin export` of models that answer.
class ExportAnswersCommandTest {
  @TempDir private Path home;

  private Path questions() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 512; i++) {
      rows.append("{\"question\": \"is the stain dark %d?\"}%n".formatted(i));
    }
    return Files.writeString(home.resolve("questions.jsonl"), rows);
  }

  @Test
  void aDecoderIsExportedOnceItsGraphIsProven() throws IOException {
    Path model = TinyLanguage.llama(home.resolve("model"), Optional.empty());
    Path out = home.resolve("bundle");
    CommandRun run =
        CommandRun.of(
            "export", model, "--to", "onnx", "--out", out, "--verify", questions(), "--opset", 20);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("fp32 graphs of ", "equal on 512 questions");
    assertThat(out.resolve("onnx/decoder_model_merged.onnx")).exists();
  }

  @Test
  void whatIsNotComputedOfAModelThatAnswersIsNamed() throws IOException {
    Path model = TinyLanguage.llama(home.resolve("model"), Optional.empty());
    Path config = model.resolve("config.json");
    ObjectNode json = (ObjectNode) OnnxExports.json(config);
    Path out = home.resolve("bundle");
    Files.writeString(config, json.deepCopy().put("attention_bias", true).toString());
    CommandRun biased = CommandRun.of("export", model, "--to", "onnx", "--out", out);
    assertThat(biased.code()).isEqualTo(ExitCode.DATA);
    assertThat(biased.err())
        .contains(config.toString(), "attention_bias")
        .doesNotContain("--verify");
    Files.writeString(config, json.deepCopy().put("model_type", "gemma").toString());
    CommandRun other = CommandRun.of("export", model, "--to", "onnx", "--out", out);
    assertThat(other.code()).isEqualTo(ExitCode.DATA);
    assertThat(other.err()).contains("model_type", "gemma", "one of llama").doesNotContain("CLIP");
    assertThat(out).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "--part, average, average is for CLIP models",
    "--preset, vit-b-32, is for CLIP models",
    "--config, config.json, is for CLIP models",
    "--verify-prompt, a {}, is for CLIP models"
  })
  void optionsOfOtherModelsAreRefused(String option, String value, String reason)
      throws IOException {
    Path model = TinyLanguage.llama(home.resolve("model"), Optional.empty());
    CommandRun run =
        CommandRun.of(
            "export", model, "--to", "onnx", "--out", home.resolve("bundle"), option, value);
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains(option + ": ", reason);
  }

  @ParameterizedTest
  @CsvSource({
    "--precision, fp16",
    "--opset, 18",
    "--verify, tiles",
    "--verify-tiles, 512",
    "--verify-prompt, a {}",
    "--license, mit",
    "--adapter, adapter",
    "--threads, 1"
  })
  void optionsOfGraphsAreRefusedElsewhere(String option, String value) {
    for (String target : List.of("open-clip", "hugging-face", "eosin")) {
      CommandRun run =
          CommandRun.of(
              "export", home, "--to", target, "--out", home.resolve("other"), option, value);
      assertThat(run.code()).isEqualTo(ExitCode.USAGE);
      assertThat(run.err()).contains(option + ": is for --to onnx");
    }
  }

  @Test
  void weightsBesideAreForGraphs() {
    CommandRun run =
        CommandRun.of(
            "export", home, "--to", "eosin", "--out", home.resolve("other"), "--external-data");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--external-data: is for --to onnx");
  }

  @ParameterizedTest
  @ValueSource(strings = {"qformer-align", "albef"})
  void optionsThatRunsOfPairsHaveNotAreRefused(String kind) throws IOException {
    Path run = Files.createDirectory(home.resolve("run"));
    Files.writeString(run.resolve("recipe.yaml"), "kind: %s%n".formatted(kind));
    CommandRun refused =
        CommandRun.of(
            "export", run, "--to", "onnx", "--out", home.resolve("bundle"), "--preset", "vit-b-32");
    assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err()).contains("--preset: is not for runs of kind qformer-align and albef");
    CommandRun empty =
        CommandRun.of("export", run, "--to", "onnx", "--out", home.resolve("bundle"));
    assertThat(empty.code()).isEqualTo(ExitCode.DATA);
    assertThat(empty.err()).contains(run + ": is no run of kind albef or qformer-align");
    assertThat(home.resolve("bundle")).doesNotExist();
  }

  @Test
  void whatIsReadIsNotReplaced() throws IOException {
    Path model = TinyLanguage.llama(home.resolve("model"), Optional.empty());
    Path adapter = TinyLanguage.adapters(home.resolve("adapter"), model, Optional.empty());
    Path questions = questions();
    Path there = Files.createDirectory(home.resolve("there"));
    Path table = Files.move(questions, there.resolve("questions.jsonl"));
    CommandRun overTable =
        CommandRun.of(
            "export", model, "--to", "onnx", "--out", there, "--verify", table, "--replace");
    assertThat(overTable.code()).isEqualTo(ExitCode.DATA);
    assertThat(overTable.err()).contains(there + ": is or holds " + table + ", which is read");
    CommandRun overAdapter =
        CommandRun.of(
            "export",
            model,
            "--to",
            "onnx",
            "--out",
            adapter,
            "--verify",
            table,
            "--adapter",
            adapter,
            "--replace");
    assertThat(overAdapter.code()).isEqualTo(ExitCode.DATA);
    assertThat(overAdapter.err()).contains("is or holds " + adapter + ", which is read");
    assertThat(table).isNotEmptyFile();
    assertThat(adapter.resolve("adapter_config.json")).exists();
  }

  @Test
  void aPlaceThatCannotBeWrittenIsNamed() throws IOException {
    Path model = TinyLanguage.llama(home.resolve("model"), Optional.empty());
    Path file = Files.writeString(home.resolve("file"), "no folder");
    CommandRun run =
        CommandRun.of(
            "export",
            model,
            "--to",
            "onnx",
            "--verify",
            questions(),
            "--out",
            file.resolve("bundle"));
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err()).contains(file.resolve("bundle") + ": cannot be written");
    assertThat(file).content().isEqualTo("no folder");
  }

  @Test
  void withoutQuestionsNothingIsWritten() throws IOException {
    Path model = TinyVisionLanguage.in(home.resolve("model"));
    Path out = home.resolve("bundle");
    CommandRun run = CommandRun.of("export", model, "--to", "onnx", "--out", out);
    assertThat(run.code()).isNotZero();
    assertThat(run.err()).contains("name a table of them with --verify");
    assertThat(out).doesNotExist();
  }
}
