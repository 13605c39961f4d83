package dev.eosin.language.chat;

import dev.eosin.data.SampleContent;
import java.util.List;
import java.util.Locale;

/// One message of a conversation.
///
/// @param content as its author wrote it
public record Message(Role role, String content) {
  /// Who speaks.
  public enum Role {
    SYSTEM,
    USER,
    ASSISTANT;

    /// As templates spell it.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The messages of a conversation.
  public static List<Message> of(SampleContent.Conversation conversation) {
    return conversation.turns().stream()
        .map(turn -> new Message(turn.asks() ? Role.USER : Role.ASSISTANT, turn.text()))
        .toList();
  }

  boolean answers() {
    return role == Role.ASSISTANT;
  }
}
