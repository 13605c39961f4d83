package dev.eosin.language.rows;

import dev.eosin.config.DataException;
import dev.eosin.language.chat.ChatEncoder;
import dev.eosin.language.chat.JinjaTemplate;
import dev.eosin.language.chat.Message;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.text.LanguageTokenizer;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// Questions to a stored model in the words of its own `chat_template`.
///
/// @param ids that the model gives a meaning
public record ChatPrompts(ChatEncoder encoder, SpecialIds ids) implements PromptIds {
  /// @throws DataException when the template cannot be used, or has no words for a question
  public static ChatPrompts of(LanguageTokenizer tokenizer, SpecialIds ids) throws DataException {
    JinjaTemplate template;
    try {
      template = JinjaTemplate.of(tokenizer);
    } catch (DataException e) {
      throw new DataException(
          e.getMessage()
              + "; or say with --asks how questions are put, or with --raw that they are",
          e);
    }
    OptionalInt begin = ids.begin().isPresent() ? ids.begin() : tokenizer.specialTokens().bos();
    var prompts =
        new ChatPrompts(
            ChatEncoder.of(
                tokenizer, template, template.begins() ? begin : OptionalInt.empty(), Set.of()),
            ids);
    prompts.conversation(List.of(new Message(Message.Role.USER, "a")));
    return prompts;
  }

  @Override
  public LanguageTokenizer tokenizer() {
    return encoder.tokenizer();
  }

  @Override
  public int[] prompt(String question) {
    try {
      return conversation(List.of(new Message(Message.Role.USER, question)));
    } catch (DataException e) {
      throw new IllegalStateException("a template that had words for another question", e);
    }
  }

  @Override
  public int[] conversation(List<Message> messages) throws DataException {
    return encoder.prompt(messages);
  }

  @Override
  public int[] answer(String text) {
    return tokenizer().encodeText(text);
  }

  /// For what answers depend on.
  @Override
  public String toString() {
    return "the chat template " + encoder.template().jinja();
  }
}
