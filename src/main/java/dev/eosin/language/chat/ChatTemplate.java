package dev.eosin.language.chat;

import dev.eosin.config.DataException;
import java.util.List;

/// How a conversation becomes text. Begin of text is never among it: its id is put in front of the
/// encoded text, once.
public sealed interface ChatTemplate permits BuiltInTemplate, JinjaTemplate {
  /// For messages and for what is stored with a model.
  String name();

  /// Whether begin of text comes first, where the tokenizer has one.
  boolean begins();

  /// Special tokens that it writes: a tokenizer without them belongs to another template.
  List<String> written();

  /// The same for programs that read `chat_template`, begin of text included.
  String jinja();

  /// A conversation to learn from: nothing follows the last answer but what its template puts
  /// there.
  ///
  /// @param messages a system message or none, then questions and answers in turn
  /// @throws DataException when the template has no words for such a conversation
  Rendering conversation(List<Message> messages) throws DataException;

  /// The text of [#conversation] alone, which may take less time.
  ///
  /// @throws DataException when it has no words for them
  default String text(List<Message> messages) throws DataException {
    return conversation(messages).text();
  }

  /// What an answer is to continue.
  ///
  /// @param messages of which the last is a question
  /// @throws DataException when the template has no words for such a conversation
  String prompt(List<Message> messages) throws DataException;
}
