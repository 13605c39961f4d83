package dev.eosin.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.image.RgbImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What every model that answers owes to whoever asks.
public abstract class AnswererContract {
  protected abstract Answerer answerer() throws IOException;

  private static final RgbImage TILE = new RgbImage(2, 2, new byte[12]);

  @Test
  void piecesAreTheTextAndTheSameQuestionHasTheSameAnswer() throws IOException {
    var question = new Answerer.Question("q", List.of(TILE), "What is shown?", List.of(), 16);
    List<String> pieces = new ArrayList<>();
    Answerer.Answer answer = answerer().answer(question, pieces::add);
    assertThat(answer.text()).isNotBlank().isEqualTo(String.join("", pieces));
    assertThat(answerer().answer(question)).isEqualTo(answer);
  }

  @Test
  void anOptionIsTakenWhereOptionsAreGivenTheLikeliestOne() throws IOException {
    List<String> options = List.of("no", "yes");
    var question = new Answerer.Question("q", List.of(), "Is it?", options, 16);
    Answerer.Answer answer = answerer().answer(question);
    assertThat(options).contains(answer.text());
    if (!answer.likelihoods().isEmpty()) {
      assertThat(answer.likelihoods()).hasSameSizeAs(options).allMatch(value -> value <= 0.0);
      int chosen = options.indexOf(answer.text());
      assertThat(answer.likelihoods()).allMatch(v -> v <= answer.likelihoods().get(chosen));
    }
  }

  @Test
  void questionsAskedAtOnceAreAnsweredAsOneByOne() throws IOException {
    List<Answerer.Question> questions =
        List.of(
            new Answerer.Question("a", List.of(TILE), "What is shown?", List.of(), 16),
            new Answerer.Question("b", List.of(), "Is it?", List.of("no", "yes"), 16),
            new Answerer.Question("c", List.of(), "What is it, at some length?", List.of(), 4),
            new Answerer.Question("d", List.of(TILE), "Which?", List.of("x", "y", "z"), 16));
    List<Answerer.Answer> alone = new ArrayList<>();
    for (Answerer.Question question : questions) {
      alone.add(answerer().answer(question));
    }

    List<Answerer.Answer> together = answerer().answerAll(questions);

    assertThat(together).extracting(Answerer.Answer::text).isEqualTo(texts(alone));
    assertThat(answerer().answerAll(questions.reversed()).reversed())
        .extracting(Answerer.Answer::text)
        .isEqualTo(texts(alone));
    for (int i = 0; i < questions.size(); i++) {
      assertThat(together.get(i).likelihoods()).hasSameSizeAs(alone.get(i).likelihoods());
    }
    assertThat(answerer().answerAll(List.of())).isEmpty();
  }

  private static List<String> texts(List<Answerer.Answer> answers) {
    return answers.stream().map(Answerer.Answer::text).toList();
  }

  @Test
  void hiddenStatesHaveOneWidth() throws IOException {
    var question = new Answerer.Question("q", List.of(TILE), "What?", List.of(), 16);
    answerer()
        .hiddenStates(question)
        .ifPresent(
            states ->
                assertThat(List.of(states))
                    .isNotEmpty()
                    .allMatch(s -> s.length == states[0].length));
  }
}
