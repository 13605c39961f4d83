package dev.eosin.eval;

import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.image.RgbImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// A model that answers questions about images, as evaluation and captioning see it: one of this
/// process, a folder of weights, or a service. Asked twice, it answers the same unless it samples.
public interface Answerer {
  /// What is asked.
  ///
  /// @param id names the question in messages and files of answers
  /// @param images that the text speaks of, in order; none where there is nothing to see
  /// @param options whose likelihoods are wanted; none for a free answer
  /// @param mostTokens of the answer
  /// @param kind how the answer is judged, which some models are told
  record Question(
      String id,
      List<RgbImage> images,
      String text,
      List<String> options,
      int mostTokens,
      QuestionAnswer.Kind kind) {
    public Question {
      images = List.copyOf(images);
      options = List.copyOf(options);
    }

    /// A question to which any answer may be given.
    public Question(
        String id, List<RgbImage> images, String text, List<String> options, int mostTokens) {
      this(id, images, text, options, mostTokens, QuestionAnswer.Kind.OPEN);
    }
  }

  /// What came back.
  ///
  /// @param text free, or the likeliest option
  /// @param likelihoods natural logarithms, one for each option in their order; none where the
  ///   model does not tell them
  record Answer(String text, List<Double> likelihoods) {
    public Answer {
      likelihoods = List.copyOf(likelihoods);
    }
  }

  /// Answers.
  ///
  /// @param pieces told parts of the text as they are made, whole characters only; all of them
  ///   joined are the text
  /// @throws IOException when there is no answer, naming the question and the reason
  Answer answer(Question question, Consumer<String> pieces) throws IOException;

  /// Answers at once.
  default Answer answer(Question question) throws IOException {
    return answer(question, piece -> {});
  }

  /// Answers several questions at once, which a model of this process does much faster than one by
  /// one.
  ///
  /// @return one answer for each question, in their order: those that [#answer] gives one by one,
  ///   whatever stands beside them
  /// @throws IOException when a question has no answer, naming it and the reason
  default List<Answer> answerAll(List<Question> questions) throws IOException {
    List<Answer> answers = new ArrayList<>();
    for (Question question : questions) {
      answers.add(answer(question));
    }
    return answers;
  }

  /// Whether it looks at images; what sees none answers from the words alone.
  default boolean seesImages() {
    return true;
  }

  /// Refuses a text that can have no answer, such as one that is longer than the model reads: asked
  /// for everything before the first answer is made.
  ///
  /// @throws IOException naming the question, and what to do about it
  default void requireRoom(String id, String text, int mostTokens) throws IOException {}

  /// The hidden state of every layer at the last token of the question `[layers][c]`; empty where
  /// the model does not tell them.
  default Optional<float[][]> hiddenStates(Question question) throws IOException {
    return Optional.empty();
  }
}
