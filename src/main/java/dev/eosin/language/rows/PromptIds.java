package dev.eosin.language.rows;

import dev.eosin.config.DataException;
import dev.eosin.language.chat.Message;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.text.LanguageTokenizer;
import java.util.List;

/// How questions become the ids that a model continues, or that its encoder reads.
public sealed interface PromptIds permits TextRows, FolderPrompts, ChatPrompts {
  LanguageTokenizer tokenizer();

  /// Ids that the model gives a meaning.
  SpecialIds ids();

  /// The ids of a question, to be answered.
  int[] prompt(String question);

  /// The ids of a conversation, whose last message is to be answered.
  ///
  /// @throws DataException when there are no words for it
  int[] conversation(List<Message> messages) throws DataException;

  /// The ids of an answer without what ends it.
  int[] answer(String text);
}
