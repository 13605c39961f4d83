package dev.eosin.qformer;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.text.TokenizerSettings;
import java.util.List;
import java.util.Optional;

/// `text` of a second stage: how questions and answers are put into words and ids.
@Doc("How questions and answers are put into words and ids.")
public record InstructTextSettings(
    @Doc("What is done to questions, captions and answers before anything is put around them.")
        @OrElse("none")
        CleanUp cleanUp,
    @Doc("Around a question of any answer; {text} stands for it.") @OrElse("\"{text}\"")
        String open,
    @Doc("Around a question that is answered with yes or no.") @OrElse("\"{text}\"") String closed,
    @Doc("What a caption answers: one is drawn each time, evaluations take the first.")
        @OrElse("[\"Describe the following image in detail.\"]")
        List<String> captions,
    @Doc("Around all of these; Q-Former and language model read the same words.")
        @OrElse("\"{text}\"")
        String prompt,
    @Doc("Around an answer; what ends a text of the language model follows.") @OrElse("\" {text}\"")
        String answer,
    @Doc("What ends an answer instead of the model's own end: one token, such as OPT's line feed.")
        Optional<String> end,
    @Doc("Most ids of a prompt, what begins it included; longer ones lose their beginning.")
        @OrElse("128")
        @Range(min = 2)
        int promptLength,
    @Doc("Most ids of an answer, what ends it included; longer ones lose their end.")
        @OrElse("255")
        @Range(min = 1)
        int answerLength,
    @Doc(
            "The Q-Former's tokenizer, where it reads instructions: that of the BERT which it came from.")
        Optional<TokenizerSettings> qformerTokenizer,
    @Doc("Most ids that the Q-Former reads, where it reads any; longer ones lose their end.")
        @OrElse("128")
        @Range(min = 2)
        int qformerLength) {
  private static final String TEXT = "{text}";

  /// What is done to texts first.
  public enum CleanUp {
    /// Nothing.
    @Named("none")
    NONE,
    /// LAVIS's: lower case, without `.!"()*#:;~`, 50 words.
    @Named("blip-caption")
    BLIP_CAPTION
  }

  /// @throws IllegalArgumentException for a form without `{text}`, or no instruction for captions
  public InstructTextSettings {
    captions = List.copyOf(captions);
    check("open", open);
    check("closed", closed);
    check("prompt", prompt);
    check("answer", answer);
    if (captions.isEmpty()) {
      throw new IllegalArgumentException("captions: name at least one instruction");
    }
  }

  private static void check(String key, String form) {
    if (!form.contains(TEXT)) {
      throw new IllegalArgumentException(
          "%s: '%s' has no %s where the words belong".formatted(key, form, TEXT));
    }
  }

  static String filled(String form, String text) {
    return form.replace(TEXT, text);
  }

  /// The lengths for a language model.
  AnswerCut cut() {
    return new AnswerCut(promptLength, answerLength);
  }
}
