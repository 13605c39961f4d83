package dev.eosin.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.language.spec.T5Gate;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// T5 v1.0's form, and weights in a file's narrow type.
class T5Test {
  private static final Engine ENGINE = RecordedDecoder.ENGINE;
  private static final int ROWS = 2;
  private static final int READ = 5;
  private static final int ANSWER = 6;
  private static final long[] QUESTIONS = {3, 9, 4, 1, 0, 7, 12, 30, 8, 1};
  private static final long[] ANSWERS = {0, 6, 5, 13, 22, 31, 0, 17, 2, 19, 11, 4};

  private static T5Spec spec(T5Gate gated, boolean tied) {
    return new T5Spec(32, 16, 2, 2, 2, 6, 24, gated, tied, 8, 12, 1e-6, 0, 512);
  }

  private static ParameterSet parameters(T5 model, DType type) {
    List<ParameterSet.Spec> specs =
        model.weights().stream().map(weight -> weight.spec(false)).toList();
    ParameterSet parameters = ParameterSet.allocate(ENGINE, specs, type);
    for (Weight weight : model.weights()) {
      Random random = new Random(weight.name().hashCode());
      int count = 1;
      for (long size : weight.shape()) {
        count *= Math.toIntExact(size);
      }
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = random.nextFloat() - 0.5f;
      }
      try (Tensor tensor = ENGINE.of(values, weight.shape())) {
        parameters.assign(weight.name(), tensor);
      }
    }
    return parameters;
  }

  /// Logits of every column of the answers.
  private static float[] logits(T5 model, ParameterSet parameters) {
    try (Forward graph = new Forward(ENGINE);
        Tensor ids = ENGINE.of(QUESTIONS, ROWS, READ);
        Tensor answers = ENGINE.of(ANSWERS, ROWS, ANSWER)) {
      Pass pass = new Pass(graph, parameters, BlockExecution.PLAIN);
      TokenMask mask = TokenMask.of(READ, 4, 5);
      Value read = model.encoder().through(pass, model.embed(pass, ids), mask);
      T5Decoder decoder = model.decoder();
      Value states = decoder.through(pass, model.embed(pass, answers), read, mask);
      return decoder.logits(pass, decoder.normed(pass, states)).data().toFloats();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TANH,false,FLOAT32,1e-4",
    "EXACT,false,FLOAT32,1e-4",
    "NONE,true,FLOAT32,1e-4",
    "NONE,true,FLOAT16,1e-4",
    "TANH,false,BFLOAT16,0.1"
  })
  void tokenByTokenGivesTheSameLogits(T5Gate gated, boolean tied, DType type, float tolerance) {
    T5 model = new T5("t5", spec(gated, tied));
    try (ParameterSet parameters = parameters(model, type);
        Forward graph = new Forward(ENGINE);
        Tensor ids = ENGINE.of(QUESTIONS, ROWS, READ)) {
      float[] whole = logits(model, parameters);
      Pass pass = new Pass(graph, parameters, BlockExecution.PLAIN);
      TokenMask mask = TokenMask.of(READ, 4, 5);
      Value read = model.encoder().through(pass, model.embed(pass, ids), mask);
      try (RowMemory memory = model.decoder().remember(pass, read.data(), mask, ANSWER);
          Tensor starts = model.decoder().starts(pass, ROWS)) {
        assertColumn(memory.begin(starts, Columns.whole(1)), whole, 0, tolerance);
        for (int at = 1; at < ANSWER; at++) {
          long[] next = {ANSWERS[at], ANSWERS[ANSWER + at]};
          assertColumn(memory.next(next), whole, at, tolerance);
        }
      }
    }
  }

  private static void assertColumn(Tensor logits, float[] whole, int column, float tolerance) {
    try (logits) {
      float[] ours = logits.toFloats();
      int v = ours.length / ROWS;
      for (int i = 0; i < ours.length; i++) {
        assertThat(ours[i])
            .as("column %d, at %d", column, i)
            .isCloseTo(whole[(i / v * ANSWER + column) * v + i % v], within(tolerance));
      }
    }
  }

  /// Checkpoints hold this text and compare it: it must not change.
  @Test
  void theTextOfOlderModelsStays() {
    assertThat(spec(T5Gate.TANH, false))
        .hasToString(
            "T5Spec[vocabulary=32, width=16, encoderLayers=2, layers=2, heads=2, headWidth=6, mlpWidth=24, gated=true, tied=false, buckets=8, farthest=12, normEpsilon=1.0E-6, start=0, context=512]");
    assertThat(spec(T5Gate.NONE, true).toString()).contains("gated=false, tied=true");
    assertThat(spec(T5Gate.EXACT, true).toString()).contains("gated=exact, tied=true");
  }

  /// A model that ties its head scales what enters it; nothing else is different.
  @Test
  void tiedHeadsAreScaled() {
    T5 tied = new T5("t5", spec(T5Gate.TANH, true));
    T5 untied = new T5("t5", spec(T5Gate.TANH, false));
    try (ParameterSet one = parameters(tied, DType.FLOAT32);
        ParameterSet other = parameters(untied, DType.FLOAT32)) {
      other.assign(untied.decoder().head(), one.get(tied.table()).data());
      float[] scaled = logits(tied, one);
      float[] plain = logits(untied, other);
      for (int i = 0; i < scaled.length; i++) {
        assertThat(scaled[i] * 4).as("at %d", i).isCloseTo(plain[i], within(1e-4f));
      }
    }
  }
}
