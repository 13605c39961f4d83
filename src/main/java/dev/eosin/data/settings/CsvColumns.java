package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.util.List;
import java.util.Optional;

/// The columns of a table that Eosin reads, by the names in its header.
@Doc("The names of the table's columns.")
public record CsvColumns(
    @Doc("Path of the image file.") String image,
    @Doc("The caption.") Optional<String> caption,
    @Doc("Further captions of the same image; a row may leave some of them blank.") @OrElse("[]")
        List<String> moreCaptions,
    @Doc("The class, for zero-shot evaluation and templates.") Optional<String> label,
    @Doc("Slide, patient or original tile; a group may be on one side of a split only.")
        Optional<String> group,
    @Doc(QuestionFields.QUESTION_DOC) Optional<String> question,
    @Doc(QuestionFields.ANSWER_DOC) Optional<String> answer,
    @Doc(QuestionFields.CLOSED_DOC) Optional<String> closedAnswer,
    @Doc(QuestionFields.OPTIONS_DOC) @OrElse("[]") List<String> options,
    @Doc(QuestionFields.TYPE_DOC) Optional<String> questionType,
    @Doc(QuestionFields.FACT_DOC) Optional<String> fact) {
  /// An image with captions, a label, or both.
  public CsvColumns(
      String image,
      Optional<String> caption,
      List<String> moreCaptions,
      Optional<String> label,
      Optional<String> group) {
    this(
        image,
        caption,
        moreCaptions,
        label,
        group,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  /// @throws IllegalArgumentException for further captions without a first one, for a question
  ///   beside captions or without an answer, and for what belongs to one without it
  public CsvColumns {
    moreCaptions = List.copyOf(moreCaptions);
    if (caption.isEmpty() && !moreCaptions.isEmpty()) {
      throw new IllegalArgumentException("more-captions: name the first one as 'caption'");
    }
    options = List.copyOf(options);
    QuestionFields.of(
        "columns", caption, question, answer, closedAnswer, options, questionType, fact);
  }

  /// The columns of the question; empty where rows are none.
  public Optional<QuestionFields> questions() {
    return QuestionFields.of(
        "columns", caption, question, answer, closedAnswer, options, questionType, fact);
  }

  /// The names as a fingerprint takes them: those of captions as they were before there were
  /// others.
  public String identity() {
    String pairs =
        "CsvColumns[image=%s, caption=%s, moreCaptions=%s, label=%s, group=%s]"
            .formatted(image, caption, moreCaptions, label, group);
    return questions().map(fields -> pairs + " " + fields).orElse(pairs);
  }
}
