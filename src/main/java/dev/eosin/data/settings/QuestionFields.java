package dev.eosin.data.settings;

import java.util.List;
import java.util.Optional;

/// Which fields of a row make a question with its answer, by the names in the settings.
///
/// @param closedAnswer the yes or no of a closed question whose answer is a sentence
/// @param options a field that holds them all, or one field for each
/// @param type what kind of question it is
public record QuestionFields(
    String question,
    String answer,
    Optional<String> closedAnswer,
    List<String> options,
    Optional<String> type,
    Optional<String> fact) {
  static final String QUESTION_DOC =
      "The question, instead of a caption; rows are then questions with their answers.";
  static final String ANSWER_DOC =
      "The answer: a text, or for a question with options one of them or its letter.";
  static final String CLOSED_DOC =
      "The yes or no of closed questions whose answer is a whole sentence; it becomes the answer"
          + " where a row has it and its question is closed.";
  static final String OPTIONS_DOC =
      "What a question may be answered with: one name of a list of texts, or a name for each option"
          + " in the order of their letters.";
  static final String TYPE_DOC =
      "The kind of question: open (also other, number), closed (also yes/no) or choice (also"
          + " multiple-choice). Where there is none, the answers yes and no make a question closed,"
          + " options make it a choice, and all others are open.";
  static final String FACT_DOC =
      "What the question asks for, such as tissue; scores tell them apart.";

  public QuestionFields {
    options = List.copyOf(options);
  }

  /// @param settings the name of the settings that name the fields: `columns`, `fields`
  /// @return empty where rows are no questions
  /// @throws IllegalArgumentException for a question beside captions, without an answer, or what
  ///   belongs to one without it
  static Optional<QuestionFields> of(
      String settings,
      Optional<String> caption,
      Optional<String> question,
      Optional<String> answer,
      Optional<String> closedAnswer,
      List<String> options,
      Optional<String> type,
      Optional<String> fact) {
    if (question.isPresent() != answer.isPresent()) {
      throw new IllegalArgumentException(
          "%s: '%s' is missing; a question and its answer go together"
              .formatted(settings, question.isPresent() ? "answer" : "question"));
    }
    if (question.isEmpty()) {
      if (closedAnswer.isPresent() || !options.isEmpty() || type.isPresent() || fact.isPresent()) {
        throw new IllegalArgumentException(
            settings
                + ": 'question' is missing, and closed-answer, options, question-type and fact"
                + " belong to one");
      }
      return Optional.empty();
    }
    if (caption.isPresent()) {
      throw new IllegalArgumentException(
          settings
              + ": a row is a caption or a question; remove 'caption' or 'question', or name the"
              + " table in two parts of a mixture");
    }
    return Optional.of(
        new QuestionFields(
            question.get(), answer.orElseThrow(), closedAnswer, options, type, fact));
  }
}
