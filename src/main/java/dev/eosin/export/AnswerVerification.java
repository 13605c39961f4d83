package dev.eosin.export;

import dev.eosin.eval.Answerer.Question;
import dev.eosin.language.generation.GrowingSequences;
import dev.eosin.language.graphs.GraphAnswers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Asks a model and its graphs the same, and compares the logits of some tokens of each answer: the
/// model's likeliest each time, so that both have read the same before every one of them. The first
/// is what the prompt gives, the others what keys and values that were kept give.
final class AnswerVerification {
  /// Tokens of an answer that are compared.
  static final int TOKENS = 8;

  private static final int AT_ONCE = 8;

  private final Consumer<String> progress;
  private final Distance distance = new Distance();
  private double difference;
  private int asked;
  private long tokens;
  private long same;

  AnswerVerification(Consumer<String> progress) {
    this.progress = progress;
  }

  /// @throws IOException when a question cannot be asked
  AnswerAgreement compare(GraphAnswers both, List<AskedQuestions.Asked> questions)
      throws IOException {
    for (int from = 0; from < questions.size(); from += AT_ONCE) {
      int to = Math.min(questions.size(), from + AT_ONCE);
      List<Question> some = new ArrayList<>();
      for (AskedQuestions.Asked question : questions.subList(from, to)) {
        some.add(question.read());
      }
      both.compare(some, TOKENS, this::compare);
      progress.accept("compared %d of %d questions".formatted(to, questions.size()));
    }
    return new AnswerAgreement(
        asked, tokens, difference, distance.cosine(), (double) same / tokens);
  }

  private void compare(GrowingSequences model, GrowingSequences graphs) {
    asked += model.rows();
    for (int token = 0; token < TOKENS; token++) {
      float[][] wanted = scores(model);
      float[][] found = scores(graphs);
      distance.add(wanted, found);
      int[] next = new int[wanted.length];
      for (int row = 0; row < wanted.length; row++) {
        next[row] = best(wanted[row]);
        add(wanted[row], found[row]);
      }
      if (token < TOKENS - 1) {
        model.append(next);
        graphs.append(next);
      }
    }
  }

  /// What is not finite differs by everything.
  private void add(float[] wanted, float[] found) {
    double largest = 1;
    double most = 0;
    for (int i = 0; i < wanted.length; i++) {
      largest = Math.max(largest, Math.abs(wanted[i]));
      double each = Math.abs((double) found[i] - wanted[i]);
      most = Double.isFinite(each) ? Math.max(most, each) : Double.POSITIVE_INFINITY;
    }
    difference = Math.max(difference, most / largest);
    tokens++;
    same += best(wanted) == best(found) ? 1 : 0;
  }

  private static int best(float[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      best = scores[i] > scores[best] ? i : best;
    }
    return best;
  }

  private static float[][] scores(GrowingSequences sequences) {
    float[] all = sequences.scores().toFloats();
    float[][] rows = new float[sequences.rows()][sequences.vocabulary()];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(all, row * rows[row].length, rows[row], 0, rows[row].length);
    }
    return rows;
  }
}
