package dev.eosin.export;

import dev.eosin.language.Decoder;
import dev.eosin.language.T5Decoder;
import dev.eosin.language.TokenPart;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Programs of others that continue a prompt by the graphs of a language model's bundle.
///
/// @param settings of the graphs
record AnswerExamples(ClipBundle.Settings settings) {
  /// Files by name; of models of text alone.
  Map<String, String> of(ExportedFamily family) {
    return switch (family) {
      case ExportedLanguage language ->
          of(language.model().part(), language.model().prompts().ids().ends());
      case ExportedVisionLanguage _, ExportedReader _ -> Map.of();
    };
  }

  private Map<String, String> of(TokenPart part, List<Integer> ends) {
    Map<String, String> files = new LinkedHashMap<>();
    switch (part) {
      case Decoder _ -> {
        files.put("examples/answer.py", python("decoder", "decoder_model_merged"));
        String known = ends.stream().map(String::valueOf).collect(Collectors.joining(", "));
        files.put(
            "examples/Answer.java",
            filled(Examples.resource("Answer.java").replace("@ends@", known)));
      }
      case T5Decoder t5 ->
          files.put(
              "examples/answer.py",
              python("t5", "encoder_model decoder_model_merged")
                  .replace("@start@", Integer.toString(t5.spec().start())));
    }
    return files;
  }

  private String python(String begin, String graphs) {
    return filled(
        Examples.resource("answer.py")
            .replace("@begin@", Examples.resource("answer_%s.py".formatted(begin)).strip() + "\n\n")
            .replace("@graphs@", graphs));
  }

  private String filled(String text) {
    return text.replace("@suffix@", settings.suffix());
  }
}
