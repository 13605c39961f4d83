package dev.eosin.language.chat;

import dev.eosin.config.DataException;
import java.util.List;

/// What every template asks of a conversation: a system message or none, then questions and answers
/// in turn.
final class Turns {
  private Turns() {}

  /// @param asks whether the last message is a question, not an answer
  static void require(List<Message> messages, boolean asks) throws DataException {
    int first = !messages.isEmpty() && messages.getFirst().role() == Message.Role.SYSTEM ? 1 : 0;
    for (int i = first; i < messages.size(); i++) {
      Message.Role wanted = (i - first) % 2 == 0 ? Message.Role.USER : Message.Role.ASSISTANT;
      Message.Role found = messages.get(i).role();
      if (found != wanted) {
        throw new DataException(
            "message %d is the %s's where the %s's is due; a conversation is a system message or none, then questions and answers in turn"
                .formatted(i + 1, found.word(), wanted.word()));
      }
    }
    boolean question = (messages.size() - first) % 2 == 1;
    if (messages.size() == first || question != asks) {
      throw new DataException(
          "the conversation of %d messages ends %s; expected %s at its end"
              .formatted(
                  messages.size(),
                  question ? "with a question" : "without one",
                  asks ? "the question that is to be answered" : "an answer"));
    }
  }
}
