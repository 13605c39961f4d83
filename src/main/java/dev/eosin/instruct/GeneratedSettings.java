package dev.eosin.instruct;

import dev.eosin.caption.LlmSettings;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.List;

/// `generated`: questions that a language model makes of a caption.
@Doc(
    "Questions with their answers that a language model makes of a caption. Every whole answer is"
        + " kept in generated.jsonl, every pair that is left out in question-rejects.jsonl.")
public record GeneratedSettings(
    @Doc("The language model.") LlmSettings llm,
    @Doc("What it is told before every caption.") @OrElse("\"" + GenerationPrompt.TOLD + "\"")
        String prompt,
    @Doc("A caption that it is shown with an answer before the one that it is asked about.")
        @OrElse(
            "{ caption: \""
                + GenerationPrompt.CAPTION
                + "\", answer: \""
                + GenerationPrompt.ANSWER
                + "\" }")
        CaptionExample example,
    @Doc("Pairs expected of a caption; mix draws as many captions as that takes.")
        @OrElse("4")
        @Range(above = 0)
        double pairsExpected,
    @Doc("A caption of which fewer pairs are left is rejected, with all of them.")
        @OrElse("1")
        @Range(min = 1)
        int leastPairs,
    @Doc(
            "Words of which a pair may have none, whatever their ending: they give away that a text"
                + " was read, and no image seen.")
        @OrElse("[mention, caption, title, context, narrator]")
        List<String> forbidden,
    @Doc("Whether pairs with dates or magnifications are left out.") @OrElse("true")
        boolean withoutNumbers) {
  /// What the model is shown.
  @Doc("A caption with the answer that is wanted.")
  public record CaptionExample(
      @Doc("The caption.") String caption, @Doc("The answer to it.") String answer) {}

  /// @throws IllegalArgumentException for an empty prompt, a word that is none, and what would be
  ///   said twice
  public GeneratedSettings {
    forbidden = List.copyOf(forbidden);
    if (prompt.isBlank()) {
      throw new IllegalArgumentException("prompt: is empty, expected what the model is to do");
    }
    if (llm.system().isPresent() || !llm.examples().isEmpty()) {
      throw new IllegalArgumentException(
          "llm.system: what the model is told is prompt here, and llm.examples is example");
    }
    for (String word : forbidden) {
      if (!word.matches("\\p{L}+")) {
        throw new IllegalArgumentException(
            "forbidden: '%s' is no word of letters alone".formatted(word));
      }
    }
  }

  /// What the service is asked for, with what the model is told.
  LlmSettings asked() {
    return llm.told(prompt, List.of(new LlmSettings.Example(example.caption(), example.answer())));
  }
}
