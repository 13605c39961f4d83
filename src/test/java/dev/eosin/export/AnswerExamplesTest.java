package dev.eosin.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.eosin.config.CountOrAuto;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.language.StoredAnswerer;
import dev.eosin.language.StoredLanguage;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.Opset;
import dev.eosin.run.AnswerExport;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The examples of a bundle of a model that answers, run as their users run them.
class AnswerExamplesTest {
  private static final String PROMPT = "the tissue is";
  private static final int MOST = 32;

  @TempDir private Path home;

  private Path bundle(Path model) throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < HeldOut.LEAST; i++) {
      rows.append("{\"question\": \"is it dark %d?\"}%n".formatted(i));
    }
    Path out = home.resolve("bundle");
    new AnswerExport(
            Optional.empty(),
            out,
            false,
            new ClipBundle.Settings(GraphPrecision.FP32, Opset.DEFAULT, false, 2),
            Optional.of(Files.writeString(home.resolve("questions.jsonl"), rows)),
            HeldOut.LEAST,
            Optional.empty(),
            "test",
            new CountOrAuto.Count(2))
        .onnx(model, line -> {}, line -> {});
    return out;
  }

  private static String said(Path model) throws IOException {
    var wanted = new StoredLanguage.Wanted(model, Optional.empty(), Optional.empty(), true);
    try (StoredLanguage stored = StoredLanguage.open(wanted);
        StoredAnswerer.Loaded loaded =
            stored.load(Engine.start(Device.CPU, 1), GenerationSettings.greedy(MOST))) {
      var question = new Question("q", List.of(), PROMPT, List.of(), MOST);
      return loaded.answerer().answer(question).text();
    }
  }

  private static String run(Path folder, List<String> command) throws Exception {
    Path out = folder.resolveSibling("out");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(folder.resolveSibling("errors").toFile())
            .redirectOutput(out.toFile())
            .start();
    try {
      assertThat(process.waitFor(240, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue())
        .as(Files.readString(folder.resolveSibling("errors"), StandardCharsets.UTF_8))
        .isZero();
    return Files.readString(out, StandardCharsets.UTF_8).strip();
  }

  private static String python(Path bundle) throws Exception {
    return run(bundle, List.of(interpreter(), "examples/answer.py", PROMPT));
  }

  /// One that has what the example needs.
  private static String interpreter() throws Exception {
    String named = System.getenv().getOrDefault("EOSIN_PYTHON", "python3");
    boolean there;
    try {
      there =
          new ProcessBuilder(named, "-c", "import numpy, onnxruntime, tokenizers")
                  .redirectErrorStream(true)
                  .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                  .start()
                  .waitFor()
              == 0;
    } catch (IOException e) {
      there = false;
    }
    assumeThat(there).as("%s has onnxruntime and tokenizers (EOSIN_PYTHON)", named).isTrue();
    return named;
  }

  @Test
  void aProgramInJavaSaysWhatEosinSays() throws Exception {
    Path model = TinyLanguage.llama(home.resolve("model"), Optional.empty());
    Path bundle = bundle(model);
    assertThat(Files.readString(bundle.resolve("examples/Answer.java"))).doesNotContain("@");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Dai.djl.offline=true", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("examples/Answer.java", PROMPT));
    assertThat(run(bundle, command)).isEqualTo(said(model).strip());
  }

  @Test
  void aProgramInPythonSaysWhatEosinSays() throws Exception {
    Path model = TinyLanguage.llama(home.resolve("model"), Optional.empty());
    interpreter();
    assertThat(python(bundle(model))).isEqualTo(said(model).strip());
  }

  @Test
  void aProgramInPythonAsksAnEncoderToo() throws Exception {
    Path model = TinyLanguage.t5(home.resolve("model"));
    interpreter();
    assertThat(python(bundle(model))).isEqualTo(said(model).strip());
  }
}
