package dev.eosin.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.eval.Answerer;
import dev.eosin.language.generation.GrowingSequences;
import dev.eosin.language.graphs.GraphAnswers;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is judged of a model's answers and of its graphs', and how strictly.
class AnswerVerificationTest {
  @Test
  void graphsThatDisagreeAreRefused() {
    var off = new AnswerAgreement(512, 4096, 2e-4, 0.9994, 0.96);
    assertThat(off.fault(GraphPrecision.FP32).orElseThrow()).contains("2.00e-04");
    assertThat(off.fault(GraphPrecision.FP16).orElseThrow()).contains("0.99940");
    assertThat(off.fault(GraphPrecision.INT8).orElseThrow()).contains("96.00 %");
    var near = new AnswerAgreement(512, 4096, 9e-5, 0.9999, 1);
    for (GraphPrecision precision : GraphPrecision.values()) {
      assertThat(near.fault(precision)).isEmpty();
    }
  }

  /// What the graphs give of the first token is right, and what they give behind it is not.
  @Test
  void everyTokenIsJudged() throws IOException {
    var question = new AskedQuestions.Asked("0", "?", List.of());
    try (var model = new Drawn(0);
        var right = new Drawn(0);
        var again = new Drawn(0);
        var broken = new Drawn(1)) {
      AnswerAgreement same =
          new AnswerVerification(line -> {}).compare(both(model, right), List.of(question));
      assertThat(same.fault(GraphPrecision.FP32)).isEmpty();
      assertThat(same.tokens()).isEqualTo(8);
      AnswerAgreement other =
          new AnswerVerification(line -> {}).compare(both(again, broken), List.of(question));
      assertThat(other.fault(GraphPrecision.FP32)).isPresent();
      assertThat(other.fault(GraphPrecision.FP16)).isPresent();
      assertThat(other.tokenAgreement()).isLessThan(1);
    }
  }

  private static GraphAnswers both(GrowingSequences model, GrowingSequences graphs) {
    return new GraphAnswers() {
      @Override
      public void compare(List<Answerer.Question> questions, int most, Comparison comparison)
          throws IOException {
        comparison.of(model, graphs);
      }

      @Override
      public void blocks(Answerer.Question question) {
        throw new AssertionError("a comparison asks both through their scores");
      }

      @Override
      public Answerer answerer() {
        throw new AssertionError("a comparison asks both through their scores");
      }

      @Override
      public void close() {}
    };
  }

  /// One row of which the next scores depend on how many tokens were read, and on which.
  private static final class Drawn implements GrowingSequences {
    private static final Engine ENGINE = Engine.start(Device.CPU, 1);
    private static final int VOCABULARY = 7;

    private final int shift;
    private int read;
    private Tensor scores = next();

    /// @param shift of the scores behind the first token
    Drawn(int shift) {
      this.shift = shift;
    }

    private Tensor next() {
      float[] all = new float[VOCABULARY];
      for (int i = 0; i < VOCABULARY; i++) {
        all[i] = (float) Math.sin(1 + i * 3 + read * (5 + (read > 0 ? shift : 0)));
      }
      return ENGINE.of(all, 1, VOCABULARY);
    }

    @Override
    public int rows() {
      return 1;
    }

    @Override
    public int vocabulary() {
      return VOCABULARY;
    }

    @Override
    public Tensor scores() {
      return scores;
    }

    @Override
    public void append(int[] tokens) {
      read += 1 + tokens[0];
      scores.close();
      scores = next();
    }

    @Override
    public void spread(int copies) {
      throw new UnsupportedOperationException("a comparison searches nothing");
    }

    @Override
    public void choose(int[] from) {
      throw new UnsupportedOperationException("a comparison searches nothing");
    }

    @Override
    public void keep(int[] rows) {
      throw new UnsupportedOperationException("a comparison searches nothing");
    }

    @Override
    public void close() {
      scores.close();
    }
  }
}
