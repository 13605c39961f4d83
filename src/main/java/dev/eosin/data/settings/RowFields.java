package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.util.List;
import java.util.Optional;

/// The fields of a record that Eosin reads. A dot leads into what is nested: `image.bytes`; a
/// number counts in a list, from 0: `captions.0`.
@Doc("The names of the records' fields; a dot leads into nested ones, for example meta.slide.")
public record RowFields(
    @Doc("The image: the path of its file or, in Parquet, its encoded bytes.") String image,
    @Doc("The caption or captions: a text, a list of texts or a list of { text, weight }.")
        Optional<String> caption,
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
  public RowFields(
      String image, Optional<String> caption, Optional<String> label, Optional<String> group) {
    this(
        image,
        caption,
        label,
        group,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  /// @throws IllegalArgumentException for a question beside captions or without an answer, and for
  ///   what belongs to one without it
  public RowFields {
    options = List.copyOf(options);
    QuestionFields.of(
        "fields", caption, question, answer, closedAnswer, options, questionType, fact);
  }

  /// The fields of the question; empty where rows are none.
  public Optional<QuestionFields> questions() {
    return QuestionFields.of(
        "fields", caption, question, answer, closedAnswer, options, questionType, fact);
  }

  /// The names as a fingerprint takes them: those of captions as they were before there were
  /// others.
  public String identity() {
    String pairs =
        "RowFields[image=%s, caption=%s, label=%s, group=%s]"
            .formatted(image, caption, label, group);
    return questions().map(fields -> pairs + " " + fields).orElse(pairs);
  }
}
