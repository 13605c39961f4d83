package dev.eosin.eval;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// The smallest answerer: it counts images and words.
class ToyAnswererTest extends AnswererContract {
  private static final class Toy implements Answerer {
    @Override
    public Answer answer(Question question, Consumer<String> pieces) throws IOException {
      if (!question.options().isEmpty()) {
        int chosen = question.images().size() % question.options().size();
        List<Double> likelihoods =
            question.options().stream()
                .map(option -> question.options().indexOf(option) == chosen ? -0.1 : -2.0)
                .toList();
        pieces.accept(question.options().get(chosen));
        return new Answer(question.options().get(chosen), likelihoods);
      }
      String text = question.images().size() + " images";
      text.chars().forEach(letter -> pieces.accept(Character.toString(letter)));
      return new Answer(text, List.of());
    }

    @Override
    public List<Answer> answerAll(List<Question> questions) throws IOException {
      Answer[] answers = new Answer[questions.size()];
      for (int i = questions.size() - 1; i >= 0; i--) { // in an order of its own, as models may
        answers[i] = answer(questions.get(i));
      }
      return List.of(answers);
    }

    @Override
    public Optional<float[][]> hiddenStates(Question question) {
      return Optional.of(new float[][] {{question.text().length()}, {question.images().size()}});
    }
  }

  @Override
  protected Answerer answerer() {
    return new Toy();
  }
}
