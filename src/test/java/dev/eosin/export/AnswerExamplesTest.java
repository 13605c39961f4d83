package dev.eosin.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.config.CountOrAuto;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.Opset;
import dev.eosin.run.models.AnswerExport;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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

  @Test
  void aProgramInJavaSaysWhatEosinSays() throws Exception {
    Path model = TinyLanguage.llama(home.resolve("model"), Optional.empty());
    assertThat(ExampleProgram.java(bundle(model), "examples/Answer.java", PROMPT))
        .isEqualTo(said(model).strip());
  }

  @Test
  void aProgramInJavaAsksAnEncoderToo() throws Exception {
    Path model = TinyLanguage.t5(home.resolve("model"));
    assertThat(ExampleProgram.java(bundle(model), "examples/Answer.java", PROMPT))
        .isEqualTo(said(model).strip());
  }

  @Test
  void aProgramInPythonSaysWhatEosinSays() throws Exception {
    Path model = TinyLanguage.llama(home.resolve("model"), Optional.empty());
    ExampleProgram.interpreter();
    assertThat(ExampleProgram.python(bundle(model), "examples/answer.py", PROMPT))
        .isEqualTo(said(model).strip());
  }

  @Test
  void aProgramInPythonAsksAnEncoderToo() throws Exception {
    Path model = TinyLanguage.t5(home.resolve("model"));
    ExampleProgram.interpreter();
    assertThat(ExampleProgram.python(bundle(model), "examples/answer.py", PROMPT))
        .isEqualTo(said(model).strip());
  }
}
