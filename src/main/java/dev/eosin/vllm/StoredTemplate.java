package dev.eosin.vllm;

import dev.eosin.config.DataException;
import dev.eosin.language.chat.ChatEncoder;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.text.LanguageTokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/// The template of a stored model's conversations.
///
/// @param template that it was trained with, as far as its folder tells
/// @param around whether what a tokenizer puts before a text stands before its conversations, too,
///   as transformers' processors have it where a template does not write begin of text itself
public record StoredTemplate(Template template, boolean around) {
  /// What Eosin wrote of it, or else the folder's own `chat_template`, or else Vicuna's, which
  /// LLaVA's own folders have without saying so.
  ///
  /// @param notes told what the folder does not say
  /// @throws DataException when what it says cannot be used
  static StoredTemplate of(
      VisionLanguageFolder folder, LanguageTokenizer tokenizer, List<String> notes)
      throws DataException {
    Optional<String> said = VisionLanguageText.template(folder.path());
    if (said.isPresent()) {
      return new StoredTemplate(named(said.get()), false);
    }
    if (tokenizer.chatTemplate().isPresent()) {
      return new StoredTemplate(Template.OWN, true);
    }
    notes.add(
        "%s: has no chat_template; conversations are put as Vicuna's (v1), as LLaVA 1.5 does"
            .formatted(folder.path()));
    return new StoredTemplate(Template.V1, false);
  }

  /// @throws DataException for a name that there is not
  static Template named(String name) throws DataException {
    for (Template template : Template.values()) {
      if (word(template).equals(name)) {
        return template;
      }
    }
    throw new DataException(
        "the template '%s' is none of %s"
            .formatted(
                name,
                String.join(
                    ", ", Arrays.stream(Template.values()).map(StoredTemplate::word).toList())));
  }

  private static String word(Template template) {
    return template.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  ChatEncoder encoder(LanguageTokenizer tokenizer, SpecialIds ids) throws DataException {
    ChatEncoder encoder = template.encoder(tokenizer, ids);
    int[] before = tokenizer.encode("", true);
    return around && !encoder.template().begins() && before.length > 0
        ? new ChatEncoder(
            tokenizer, encoder.template(), OptionalInt.of(before[0]), encoder.acting())
        : encoder;
  }
}
