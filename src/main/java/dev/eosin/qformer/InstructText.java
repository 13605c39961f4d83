package dev.eosin.qformer;

import dev.eosin.config.DataException;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.text.BlipCaption;
import dev.eosin.text.LanguageTokenizer;
import dev.eosin.text.Tokenizer;
import java.util.Optional;
import java.util.OptionalInt;

/// Puts questions and answers into the words and ids that a second stage reads, in training and
/// when it is asked. Special tokens that are spelled out in a text stay text.
///
/// @param settings words and lengths
/// @param language the language model's tokenizer
/// @param ids that the language model gives a meaning
/// @param end id that ends an answer
/// @param encoder whether an encoder reads prompts, which then end as texts do
/// @param qformer the Q-Former's tokenizer, where it reads instructions
public record InstructText(
    InstructTextSettings settings,
    LanguageTokenizer language,
    SpecialIds ids,
    int end,
    boolean encoder,
    Optional<Tokenizer> qformer)
    implements AutoCloseable {
  /// @throws DataException when nothing ends an answer, or not one token
  public static InstructText of(
      InstructTextSettings settings,
      LanguageTokenizer language,
      SpecialIds ids,
      boolean encoder,
      Optional<Tokenizer> qformer)
      throws DataException {
    return new InstructText(
        settings, language, ids, end(settings, language, ids), encoder, qformer);
  }

  private static int end(InstructTextSettings settings, LanguageTokenizer language, SpecialIds ids)
      throws DataException {
    if (settings.end().isPresent()) {
      int[] found = language.encodeText(settings.end().get());
      if (found.length != 1) {
        throw new DataException(
            "text.end: '%s' is %d tokens of %s; name a text that is one"
                .formatted(settings.end().get(), found.length, language.file()));
      }
      return found[0];
    }
    if (ids.ends().isEmpty()) {
      throw new DataException(
          "%s: no file beside it says which id ends a text; name one as text.end"
              .formatted(language.file()));
    }
    return ids.ends().getFirst();
  }

  /// Whether anything of a text is taken away before it is read.
  public boolean cleans() {
    return settings.cleanUp() != InstructTextSettings.CleanUp.NONE;
  }

  /// A question, a caption or an answer as far as it is kept.
  String cleaned(String text) {
    return switch (settings.cleanUp()) {
      case NONE -> text;
      case BLIP_CAPTION -> BlipCaption.cleaned(text, BlipCaption.WORDS);
    };
  }

  /// A question as both models read it.
  public String asking(String question, Kind kind) {
    String form = kind == Kind.CLOSED ? settings.closed() : settings.open();
    return InstructTextSettings.filled(
        settings.prompt(), InstructTextSettings.filled(form, cleaned(question)));
  }

  /// A question of which it is not known how it is answered.
  public String asking(String question) {
    return asking(question, Kind.OPEN);
  }

  /// What a caption answers, as both models read it.
  ///
  /// @param which of the instructions
  public String describing(int which) {
    return InstructTextSettings.filled(settings.prompt(), settings.captions().get(which));
  }

  /// An answer in the language model's words.
  public String answering(String answer) {
    return InstructTextSettings.filled(settings.answer(), cleaned(answer));
  }

  private int special() {
    return encoder || ids.begin().isPresent() ? 1 : 0;
  }

  /// The language model's ids of what is asked, as [AnswerCut#prompt] cuts them.
  public int[] prompt(String asked) {
    return settings
        .cut()
        .prompt(
            language.encodeText(asked),
            encoder ? OptionalInt.empty() : ids.begin(),
            encoder ? OptionalInt.of(end) : OptionalInt.empty());
  }

  /// The language model's ids of an answer with its end, as [AnswerCut#answer] cuts them.
  ///
  /// @param words as [#answering] gives them
  public int[] answer(String words) {
    return settings.cut().answer(language.encodeText(words), end);
  }

  /// The ids of an answer that is one of several, without what ends it.
  int[] option(String answer) {
    return language.encodeText(answering(answer));
  }

  /// The language model's ids of what is asked, none of which is cut.
  ///
  /// @param id names the question
  /// @param more tokens that an answer may have
  /// @throws DataException when it has no room
  public int[] room(String id, String asked, int more, ImageReader reader, Answers answers)
      throws DataException {
    if (cuts(asked)) {
      throw new DataException(
          "%s: the question has %d ids, of which text.prompt-length (%d) or text.qformer-length (%d) would cut some; shorten it, or raise them"
              .formatted(
                  id,
                  language.encodeText(asked).length + special(),
                  settings.promptLength(),
                  settings.qformerLength()));
    }
    int[] ids = prompt(asked);
    int queries = reader.qformer().spec().queries();
    if (answers instanceof DecoderAnswers decoder
        && queries + ids.length + more > decoder.decoder().spec().context()) {
      throw new DataException(
          "%s: an image of %d tokens, a question of %d ids and an answer of %d at most have no room in the %d ids that the language model reads; shorten the question, or ask for fewer tokens"
              .formatted(id, queries, ids.length, more, decoder.decoder().spec().context()));
    }
    return ids;
  }

  /// The Q-Former's ids of what is asked; none where it reads nothing.
  public int[] instruction(String asked) {
    return qformer
        .map(tokenizer -> tokenizer.encode(asked, settings.qformerLength()))
        .orElseGet(() -> new int[0]);
  }

  /// Whether what is asked loses some of its ids.
  boolean cuts(String asked) {
    return language.encodeText(asked).length + special() > settings.promptLength()
        || qformer
            .filter(each -> each.untruncatedLength(asked) > settings.qformerLength())
            .isPresent();
  }

  /// Closes both tokenizers.
  @Override
  public void close() {
    language.close();
    if (qformer.isPresent() && qformer.get() instanceof AutoCloseable open) {
      try {
        open.close();
      } catch (Exception e) {
        throw new IllegalStateException("a tokenizer that cannot be closed", e);
      }
    }
  }
}
