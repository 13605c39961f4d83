package dev.eosin.export;

import dev.eosin.config.DataException;
import dev.eosin.language.Decoder;
import dev.eosin.language.T5Decoder;
import dev.eosin.language.TokenPart;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Programs of others that ask a model that answers by the graphs of its bundle: what it is asked
/// is text or an image with a question, and what answers is a decoder or T5.
///
/// @param settings of the graphs
record AnswerExamples(ClipBundle.Settings settings) {
  /// Files by name. Of a connector that looks at tiles, Python cuts them, and Java is given them.
  ///
  /// @throws DataException when a question cannot be put into words
  Map<String, String> of(ExportedFamily family) throws DataException {
    return switch (family) {
      case ExportedLanguage language ->
          text(language.model().part(), language.model().prompts().ids().ends());
      case ExportedVisionLanguage seeing -> seen(seeing.parts().decoder(), SeenQuestion.of(seeing));
      case ExportedReader reader -> seen(reader.language(), SeenQuestion.of(reader));
    };
  }

  private Map<String, String> text(TokenPart part, List<Integer> ends) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("asked", "a text");
    values.put("arguments", "TEXT");
    values.put("given", "TEXT");
    values.put("form", "TEXT is the whole prompt, as the model was trained on it.");
    values.put("image", "");
    values.put("json", "");
    values.put("pillow", "");
    var python = new ExampleText("answer.py").with("prompt", "prompt_text.py");
    var java =
        new ExampleText("Answer.java")
            .with("functions", "fresh_text.java")
            .with("prompt", "prompt_text.java");
    return files(python, java, part, "", ends, values);
  }

  private Map<String, String> seen(TokenPart part, SeenQuestion question) {
    Map<String, String> values = new LinkedHashMap<>(question.values());
    values.put("asked", "a question about an image");
    boolean tiled = question.grid().isPresent();
    values.put("arguments", "QUESTION IMAGE");
    values.put("given", tiled ? "QUESTION WHOLE TILES" : "QUESTION IMAGE");
    values.put("image", "from PIL import Image\n");
    values.put("json", tiled ? "json, math, " : "json, ");
    values.put("pillow", " pillow");
    var python =
        new ExampleText("answer.py")
            .with("prompt", "prompt_seen.py")
            .with("pixels", tiled ? "tiles.py" : question.pixels().python())
            .with("shown", tiled ? "shown_tiles.py" : "shown.py")
            .with("instruction", question.instructed() ? "instruction.py" : "");
    var java =
        new ExampleText("Answer.java")
            .with("functions", "fresh_seen.java")
            .with("pixels", "pixels.java")
            .with("prompt", "prompt_seen.java")
            .with("shown", tiled ? "shown_tiles.java" : "shown.java")
            .with("instruction", question.instructed() ? "instruction.java" : "");
    return files(python, java, part, "vision_encoder embed_tokens ", question.ends(), values);
  }

  /// @param graphs before those of every model of this kind
  private Map<String, String> files(
      ExampleText python,
      ExampleText java,
      TokenPart part,
      String graphs,
      List<Integer> ends,
      Map<String, String> values) {
    boolean encoder = part instanceof T5Decoder;
    String step = encoder ? "step_t5" : "step_decoder";
    values.put("suffix", settings.suffix());
    values.put(
        "ends", ends.stream().distinct().map(String::valueOf).collect(Collectors.joining(", ")));
    values.put(
        "graphs",
        graphs + (encoder ? "encoder_model decoder_model_merged" : "decoder_model_merged"));
    values.put("start", start(part));
    return Map.of(
        "examples/answer.py",
        python.with("step", step + ".py").filled(values),
        "examples/Answer.java",
        java.with("step", step + ".java")
            .with("read", encoder ? "read_t5.java" : "")
            .filled(values));
  }

  private static String start(TokenPart part) {
    return switch (part) {
      case T5Decoder t5 -> Integer.toString(t5.spec().start());
      case Decoder _ -> "";
    };
  }
}
