package dev.eosin.language.chat;

import dev.eosin.config.DataException;
import dev.eosin.language.chat.Rendering.Span;
import dev.eosin.text.EncodedText;
import dev.eosin.text.LanguageTokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// Conversations as ids, for training and for prompts alike. Special tokens that someone spells out
/// in a message stay text, all but those in `acting`.
///
/// @param tokenizer makes the ids
/// @param template gives the words
/// @param begin the id of begin of text, put in front once; empty where there is none
/// @param acting tokens that mean the same whoever writes them, such as `<image>`
public record ChatEncoder(
    LanguageTokenizer tokenizer, ChatTemplate template, OptionalInt begin, Set<String> acting) {
  /// @throws DataException when the tokenizer lacks a token that the template writes
  public static ChatEncoder of(
      LanguageTokenizer tokenizer, ChatTemplate template, Set<String> acting) throws DataException {
    OptionalInt begin = template.begins() ? tokenizer.specialTokens().bos() : OptionalInt.empty();
    return of(tokenizer, template, begin, acting);
  }

  /// @param begin as the model's files have it
  /// @throws DataException when the tokenizer lacks a token that the template writes
  public static ChatEncoder of(
      LanguageTokenizer tokenizer, ChatTemplate template, OptionalInt begin, Set<String> acting)
      throws DataException {
    List<String> missing = new ArrayList<>(template.written());
    missing.addAll(acting);
    missing.removeIf(token -> tokenizer.id(token).isPresent());
    if (!missing.isEmpty()) {
      throw new DataException(
          "%s: has no token %s, which the chat template %s writes; take the template of this model"
              .formatted(tokenizer.file(), String.join(", ", missing), template.name()));
    }
    return new ChatEncoder(tokenizer, template, begin, Set.copyOf(acting));
  }

  public ChatEncoder {
    acting = Set.copyOf(acting);
  }

  /// A conversation to learn from. A token is asked for where any part of it is in an answer or in
  /// what ends one.
  ///
  /// @throws DataException when the template has no words for it, or none of its tokens is asked
  ///   for
  public ChatRow conversation(List<Message> messages) throws DataException {
    Rendering rendering = template.conversation(guarded(messages));
    ChatRow row = supervised(plain(rendering), tokenizer.encodeGuarded(rendering.text()));
    if (row.asked() == 0) {
      throw new DataException("none of its %d ids is asked for".formatted(row.ids().length));
    }
    return row;
  }

  /// The ids of [#conversation] alone, which may take less time: what is asked for is not looked
  /// at.
  ///
  /// @throws DataException when the template has no words for it
  public int[] ids(List<Message> messages) throws DataException {
    return begun(tokenizer.encodeGuarded(template.text(guarded(messages))).ids());
  }

  /// The ids that an answer is to continue.
  ///
  /// @param messages of which the last is a question
  /// @throws DataException when the template has no words for it
  public int[] prompt(List<Message> messages) throws DataException {
    String text = template.prompt(guarded(messages));
    return begun(tokenizer.encodeGuarded(text).ids());
  }

  /// What [#prompt] encodes, as it reads.
  public String promptText(List<Message> messages) throws DataException {
    return tokenizer.unguarded(template.prompt(guarded(messages)));
  }

  private List<Message> guarded(List<Message> messages) throws DataException {
    List<Message> guarded = new ArrayList<>();
    for (Message message : messages) {
      guarded.add(new Message(message.role(), tokenizer.guard(message.content(), acting)));
    }
    return guarded;
  }

  /// Guards are of another length than what they stand for.
  private Rendering plain(Rendering rendering) {
    String text = rendering.text();
    List<Span> spans =
        rendering.supervised().stream()
            .map(span -> new Span(length(text, span.from()), length(text, span.to())))
            .toList();
    return new Rendering(tokenizer.unguarded(text), spans);
  }

  private int length(String text, int end) {
    return tokenizer.unguarded(text.substring(0, end)).length();
  }

  /// @param rendering as it reads
  /// @param encoded its text
  ChatRow supervised(Rendering rendering, EncodedText encoded) {
    int shift = begin.isPresent() ? 1 : 0;
    boolean[] supervised = new boolean[encoded.ids().length + shift];
    for (int i = 0; i < encoded.ids().length; i++) {
      int from = encoded.starts()[i];
      int to = encoded.ends()[i];
      supervised[i + shift] =
          rendering.supervised().stream().anyMatch(span -> span.overlaps(from, to));
    }
    return new ChatRow(rendering.text(), begun(encoded.ids()), supervised);
  }

  private int[] begun(int[] ids) {
    if (begin.isEmpty()) {
      return ids;
    }
    int[] all = new int[ids.length + 1];
    all[0] = begin.getAsInt();
    System.arraycopy(ids, 0, all, 1, ids.length);
    return all;
  }
}
