package dev.eosin.export;

import dev.eosin.eval.Answerer.Question;
import dev.eosin.language.GraphAnswers;
import dev.eosin.language.generation.EndTokens;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.generation.Generator;
import dev.eosin.language.generation.GrowingSequences;
import dev.eosin.language.generation.Prompt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// Asks a model and its graphs the same: the logits of each answer's first token, then some tokens,
/// the likeliest each time.
final class AnswerVerification {
  /// Tokens of an answer that are compared.
  static final int TOKENS = 8;

  private static final int AT_ONCE = 8;

  private final Consumer<String> progress;
  private final Distance distance = new Distance();
  private double difference;
  private int rows;
  private int sameFirst;
  private long tokens;
  private long sameTokens;

  AnswerVerification(Consumer<String> progress) {
    this.progress = progress;
  }

  /// @throws IOException when a question cannot be asked
  AnswerAgreement compare(GraphAnswers both, List<Question> questions) throws IOException {
    for (int from = 0; from < questions.size(); from += AT_ONCE) {
      int to = Math.min(questions.size(), from + AT_ONCE);
      both.compare(questions.subList(from, to), TOKENS, this::compare);
      progress.accept("compared %d of %d questions".formatted(to, questions.size()));
    }
    return new AnswerAgreement(
        rows,
        difference,
        distance.cosine(),
        (double) sameFirst / rows,
        tokens,
        (double) sameTokens / tokens);
  }

  private void compare(GrowingSequences model, GrowingSequences graphs) {
    float[][] wanted = scores(model);
    float[][] found = scores(graphs);
    distance.add(wanted, found);
    for (int row = 0; row < wanted.length; row++) {
      add(wanted[row], found[row]);
    }
    List<List<Integer>> answers = answers(model, wanted.length);
    List<List<Integer>> theirs = answers(graphs, wanted.length);
    for (int row = 0; row < wanted.length; row++) {
      List<Integer> answer = answers.get(row);
      tokens += answer.size();
      for (int i = 0; i < answer.size(); i++) {
        sameTokens += answer.get(i).equals(theirs.get(row).get(i)) ? 1 : 0;
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
    rows++;
    sameFirst += best(wanted) == best(found) ? 1 : 0;
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

  /// No token ends an answer, so that both have as many.
  private static List<List<Integer>> answers(GrowingSequences sequences, int rows) {
    var generator = new Generator(GenerationSettings.greedy(TOKENS), new EndTokens(List.of(), 0));
    List<List<Integer>> answers = new ArrayList<>();
    generator
        .generate(sequences, IntStream.range(0, rows).mapToObj(Prompt::unseen).toList())
        .forEach(sequence -> answers.add(sequence.ids()));
    return answers;
  }
}
