package dev.eosin.vllm;

import dev.eosin.config.DataException;
import dev.eosin.language.chat.BuiltInTemplate;
import dev.eosin.language.chat.BuiltInTemplate.Style;
import dev.eosin.language.chat.ChatEncoder;
import dev.eosin.language.chat.ChatTemplate;
import dev.eosin.language.chat.JinjaTemplate;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.text.LanguageTokenizer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// `template` of a recipe: how conversations are put into words, for training, questions and export
/// alike.
public enum Template {
  /// Vicuna's, of LLaVA 1.5.
  V1,
  /// An image and its caption.
  PLAIN,
  /// Llama 3's.
  LLAMA_3,
  /// ChatML.
  CHATML,
  /// The one of the tokenizer's files.
  OWN;

  /// The words.
  ///
  /// @throws DataException when the tokenizer lacks what they need
  public ChatTemplate words(LanguageTokenizer tokenizer) throws DataException {
    return switch (this) {
      case V1 -> new BuiltInTemplate(Style.V1, end(tokenizer));
      case PLAIN -> new BuiltInTemplate(Style.PLAIN, "");
      case LLAMA_3 -> new BuiltInTemplate(Style.LLAMA_3, "");
      case CHATML -> new BuiltInTemplate(Style.CHATML, "");
      case OWN -> JinjaTemplate.of(tokenizer);
    };
  }

  private static String end(LanguageTokenizer tokenizer) throws DataException {
    OptionalInt end = tokenizer.specialTokens().eos();
    if (end.isEmpty()) {
      throw new DataException(
          "%s: its files name no eos_token, with which the template v1 ends an answer; name it in tokenizer_config.json"
              .formatted(tokenizer.file()));
    }
    return tokenizer.token(end.getAsInt()).orElseThrow();
  }

  /// What makes the ids of conversations.
  ///
  /// @param tokenizer with `<image>` among its tokens
  /// @param ids that the model gives a meaning
  /// @throws DataException when the tokenizer lacks what the template needs
  public ChatEncoder encoder(LanguageTokenizer tokenizer, SpecialIds ids) throws DataException {
    ChatTemplate words = words(tokenizer);
    OptionalInt begin = ids.begin().isPresent() ? ids.begin() : tokenizer.specialTokens().bos();
    return ChatEncoder.of(
        tokenizer,
        words,
        words.begins() ? begin : OptionalInt.empty(),
        Set.of(ConversationRows.MARK));
  }

  /// The ids that end an answer.
  ///
  /// @param ids that the model gives a meaning
  public List<Integer> ends(LanguageTokenizer tokenizer, SpecialIds ids) {
    Set<Integer> ends = new LinkedHashSet<>(ids.ends());
    tokenizer.specialTokens().eos().ifPresent(ends::add);
    switch (this) {
      case LLAMA_3 -> tokenizer.id("<|eot_id|>").ifPresent(ends::add);
      case CHATML -> tokenizer.id("<|im_end|>").ifPresent(ends::add);
      case V1, PLAIN, OWN -> {}
    }
    return List.copyOf(ends);
  }
}
