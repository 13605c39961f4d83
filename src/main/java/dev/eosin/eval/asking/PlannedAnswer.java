package dev.eosin.eval.asking;

import dev.eosin.eval.Answerer;
import dev.eosin.eval.answers.AnswerRow;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// An answer that is wanted.
///
/// @param row all but the answer
/// @param picture that is shown
/// @param text that is asked
/// @param options texts whose likelihoods choose, one for each of the row's options; none where the
///   answer is free
/// @param known an answer that needs no model
public record PlannedAnswer(
    AnswerRow row,
    Optional<Picture> picture,
    String text,
    List<String> options,
    Optional<String> known) {
  public PlannedAnswer {
    options = List.copyOf(options);
  }

  /// With the picture decoded.
  ///
  /// @param seen whether whoever is asked looks at it
  /// @throws IOException naming the file and the reason
  public Answerer.Question question(int mostTokens, boolean seen) throws IOException {
    return new Answerer.Question(
        row.id(),
        seen && picture.isPresent() ? picture.get().read() : List.of(),
        text,
        options,
        mostTokens,
        row.type());
  }

  /// @throws IOException when none of the options was chosen
  public AnswerRow answered(Answerer.Answer answer) throws IOException {
    if (options.isEmpty()) {
      return row.answered(answer.text());
    }
    int place = options.indexOf(answer.text());
    if (place < 0) {
      throw new IOException(
          "question %s: the model chose '%s', which is none of the options"
              .formatted(row.id(), answer.text()));
    }
    return row.answered(AnswerRow.letter(place) + ": " + row.options().get(place));
  }
}
