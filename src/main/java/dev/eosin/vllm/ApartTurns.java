package dev.eosin.vllm;

import dev.eosin.config.DataException;
import dev.eosin.language.chat.ChatEncoder;
import dev.eosin.language.chat.ChatRow;
import dev.eosin.language.chat.Message;
import dev.eosin.language.chat.Message.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The turns of a conversation as texts of one row, each with the ids that it has where it is asked
/// alone: what all of them begin with (the images, too) once, then the rest of each.
///
/// @param row of all texts, one after the other
/// @param parts the length of what they begin with, then that of each rest; as long as the row
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record ApartTurns(ChatRow row, int[] parts) {
  /// Each turn as a conversation of its own, with the images of the whole.
  ///
  /// @param messages with a mark for each image, before the first question
  /// @throws DataException when images stand elsewhere, or questions and answers do not alternate
  static List<List<Message>> alone(List<Message> messages) throws DataException {
    int first = !messages.isEmpty() && messages.getFirst().role() == Role.SYSTEM ? 1 : 0;
    for (int i = first; i < messages.size(); i += 2) {
      requireTurn(messages, i);
    }
    List<Message> before = messages.subList(0, first);
    String marks = marks(messages, first);
    List<List<Message>> turns = new ArrayList<>();
    for (int i = first; i < messages.size(); i += 2) {
      Message asked = messages.get(i);
      List<Message> turn = new ArrayList<>(before);
      turn.add(i == first ? asked : new Message(Role.USER, marks + asked.content()));
      turn.add(messages.get(i + 1));
      turns.add(turn);
    }
    return turns;
  }

  /// What stands before the first question: its images.
  private static String marks(List<Message> messages, int first) throws DataException {
    for (int i = 0; i < messages.size(); i++) {
      if (i != first && messages.get(i).content().contains(ConversationRows.MARK)) {
        throw new DataException(
            "message %d has an image; turns apart need all images before the first question, see text.turns"
                .formatted(i + 1));
      }
    }
    if (messages.size() <= first) {
      return "";
    }
    String content = messages.get(first).content();
    int last = content.lastIndexOf(ConversationRows.MARK);
    if (last < 0) {
      return "";
    }
    int end = last + ConversationRows.MARK.length();
    String marks = content.substring(0, end) + (content.startsWith("\n", end) ? "\n" : "");
    if (!marks.replace(ConversationRows.MARK, "").isBlank()) {
      throw new DataException(
          "an image stands behind words of the first question; turns apart need it before them, see text.turns");
    }
    return marks;
  }

  private static void requireTurn(List<Message> messages, int at) throws DataException {
    for (int i = at; i < at + 2; i++) {
      Role due = i == at ? Role.USER : Role.ASSISTANT;
      if (i >= messages.size()) {
        throw new DataException("message %d has no answer".formatted(at + 1));
      }
      if (messages.get(i).role() != due) {
        throw new DataException(
            "message %d is the %s's where the %s's is due"
                .formatted(i + 1, messages.get(i).role().word(), due.word()));
      }
    }
  }

  /// All texts in one row.
  ///
  /// @param encoder makes the ids of each
  /// @param slots puts the images in
  /// @throws DataException as the encoder and the slots
  static ApartTurns of(List<List<Message>> turns, ChatEncoder encoder, ImageSlots slots, int images)
      throws DataException {
    List<ChatRow> rows = new ArrayList<>();
    for (List<Message> turn : turns) {
      rows.add(slots.expanded(encoder.conversation(turn), images));
    }
    int shared = shared(rows, slots.id());
    int[] parts = new int[rows.size() + 1];
    parts[0] = shared;
    int length = shared;
    for (int i = 0; i < rows.size(); i++) {
      parts[i + 1] = rows.get(i).ids().length - shared;
      length += parts[i + 1];
    }
    return new ApartTurns(joined(rows, shared, length), parts);
  }

  private static ChatRow joined(List<ChatRow> rows, int shared, int length) {
    int[] ids = Arrays.copyOf(rows.getFirst().ids(), length);
    boolean[] supervised = new boolean[length];
    int at = shared;
    for (ChatRow row : rows) {
      int rest = row.ids().length - shared;
      System.arraycopy(row.ids(), shared, ids, at, rest);
      System.arraycopy(row.supervised(), shared, supervised, at, rest);
      at += rest;
    }
    List<String> texts = rows.stream().map(ChatRow::text).toList();
    return new ChatRow(String.join("\n", texts), ids, supervised);
  }

  /// How many ids all rows begin with; of each at least one follows that is not asked for, which
  /// foretells the first that is.
  ///
  /// @throws DataException when an image is not among them
  static int shared(List<ChatRow> rows, int imageId) throws DataException {
    ChatRow first = rows.getFirst();
    int shared = Integer.MAX_VALUE;
    for (ChatRow row : rows) {
      int alike = Arrays.mismatch(first.ids(), row.ids());
      int limit = unasked(row.supervised()) - 1;
      shared = Math.min(shared, Math.min(limit, alike < 0 ? limit : alike));
    }
    int beginning = Math.max(0, shared);
    int images = count(first.ids(), beginning, imageId);
    if (images < count(first.ids(), first.ids().length, imageId)) {
      throw new DataException(
          "the chat template puts something of each turn before the images, so that turns apart have no images in common; see text.turns");
    }
    return beginning;
  }

  private static int unasked(boolean[] supervised) {
    int count = 0;
    while (count < supervised.length && !supervised[count]) {
      count++;
    }
    return count;
  }

  private static int count(int[] ids, int end, int id) {
    return (int) Arrays.stream(ids, 0, end).filter(one -> one == id).count();
  }

  /// The parts of the first ids of the row.
  ///
  /// @param length how many are kept
  int[] parts(int length) {
    int[] kept = new int[parts.length];
    int left = length;
    int some = 0;
    for (int i = 0; i < parts.length && left > 0; i++) {
      kept[i] = Math.min(left, parts[i]);
      left -= kept[i];
      some = i + 1;
    }
    return Arrays.copyOf(kept, some);
  }
}
