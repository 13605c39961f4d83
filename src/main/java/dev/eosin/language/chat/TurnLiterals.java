package dev.eosin.language.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// What a template writes around the messages of conversations of one form, who speaks when: found
/// once with messages that stand for themselves. A conversation of that form whose text is just its
/// messages between these literals needs not be rendered at every beginning to know where its
/// answers are.
///
/// @param literals before each message, and behind the last
/// @param before for each message how many characters of the literal before it precede what is
///   asked; that of a message that is no answer is not used
/// @param after for each message how many characters of the literal behind it are the answer's
record TurnLiterals(List<String> literals, List<Integer> before, List<Integer> after) {
  TurnLiterals {
    literals = List.copyOf(literals);
    before = List.copyOf(before);
    after = List.copyOf(after);
  }

  /// Where an answer's part of a text begins and ends.
  record Part(int from, int to) {}

  /// Messages of a form that stand for themselves.
  static List<Message> standIns(List<Message> form) {
    return IntStream.range(0, form.size())
        .mapToObj(i -> new Message(form.get(i).role(), "standing%din".formatted(i)))
        .toList();
  }

  /// Takes a text of stand-ins apart.
  ///
  /// @param parts of the text, for each message; an empty one for what is no answer
  /// @return empty where the template does not write each message once and in its place
  static Optional<TurnLiterals> of(List<Message> standIns, String text, List<Part> parts) {
    List<String> literals = new ArrayList<>();
    List<Integer> before = new ArrayList<>();
    List<Integer> after = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < standIns.size(); i++) {
      String content = standIns.get(i).content();
      int place = text.indexOf(content, at);
      if (place < 0 || text.indexOf(content) != place || text.lastIndexOf(content) != place) {
        return Optional.empty();
      }
      literals.add(text.substring(at, place));
      before.add(parts.get(i).from() - at);
      at = place + content.length();
      after.add(parts.get(i).to() - at);
    }
    literals.add(text.substring(at));
    for (int i = 0; i < standIns.size(); i++) {
      if (standIns.get(i).answers()
          && (before.get(i) < 0
              || before.get(i) > literals.get(i).length()
              || after.get(i) < 0
              || after.get(i) > literals.get(i + 1).length())) {
        return Optional.empty();
      }
    }
    return Optional.of(new TurnLiterals(literals, before, after));
  }

  /// The parts of a text, for each message; empty where it is not just the messages, whole or
  /// stripped, between the literals.
  Optional<List<Part>> parts(List<Message> messages, String text) {
    List<Part> parts = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < messages.size(); i++) {
      int from = at + before.get(i);
      if (!text.startsWith(literals.get(i), at)) {
        return Optional.empty();
      }
      at += literals.get(i).length();
      String content = messages.get(i).content();
      String said = text.startsWith(content, at) ? content : PythonText.strip(content);
      if (!text.startsWith(said, at)) {
        return Optional.empty();
      }
      at += said.length();
      parts.add(new Part(from, at + after.get(i)));
    }
    return text.substring(at).equals(literals.getLast()) ? Optional.of(parts) : Optional.empty();
  }
}
