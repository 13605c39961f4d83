package dev.eosin.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a probe can read from tokens, and what it must not.
class AttentionProbeTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final int ROWS = 40;
  private static final int TOKENS = 16;
  private static final int WIDTH = 12;

  /// One token of each row is marked by its first feature; the others are noise.
  ///
  /// @param placed whether tokens say where they are, in features of their own
  private static AttentionProbe.Rows rows(int number, Task task, boolean placed) {
    RandomStream random = new RandomKey(3).stream(Purpose.BOOTSTRAP, 0, number);
    float[] tokens = new float[ROWS * TOKENS * WIDTH];
    int[] classes = new int[ROWS];
    for (int row = 0; row < ROWS; row++) {
      int marked = random.nextInt(TOKENS);
      int colour = random.nextInt(2);
      for (int token = 0; token < TOKENS; token++) {
        int at = (row * TOKENS + token) * WIDTH;
        for (int i = 0; i < WIDTH; i++) {
          tokens[at + i] = (float) (0.3 * random.nextGaussian());
        }
        tokens[at + 2] += placed ? (token % 4 < 2 ? -2 : 2) : 0;
        tokens[at + 3] += placed ? (token / 4 < 2 ? -2 : 2) : 0;
        if (token == marked) {
          tokens[at] += 4;
          tokens[at + 1] += colour == 0 ? -3 : 3;
        }
      }
      classes[row] =
          switch (task) {
            case COLOUR -> colour;
            case QUADRANT -> 2 * (marked / 8) + marked % 4 / 2;
          };
    }
    return new AttentionProbe.Rows(ENGINE.of(tokens, ROWS, TOKENS, WIDTH), classes);
  }

  private enum Task {
    COLOUR,
    QUADRANT
  }

  private static int[][] answers(Task task, boolean placed) {
    List<AttentionProbe.Rows> train = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      train.add(rows(i, task, placed));
    }
    AttentionProbe.Rows asked = rows(100, task, placed);
    try (AttentionProbe probe = new AttentionProbe(ENGINE, new RandomKey(1), WIDTH, 4)) {
      probe.learn(train, 12);
      return new int[][] {asked.classes(), probe.classes(asked.tokens())};
    } finally {
      train.forEach(rows -> rows.tokens().close());
      asked.tokens().close();
    }
  }

  private static double accuracy(int[][] answers) {
    return ConfusionMatrix.of(answers[0], answers[1], 4).top1();
  }

  @Test
  void whatOneTokenSaysIsRead() {
    assertThat(accuracy(answers(Task.COLOUR, false))).isGreaterThan(0.95);
  }

  @Test
  void aPlaceIsReadWhereTokensSayItAndOnlyThere() {
    assertThat(accuracy(answers(Task.QUADRANT, true))).isGreaterThan(0.9);
    assertThat(accuracy(answers(Task.QUADRANT, false))).isLessThan(0.5);
  }

  @Test
  void equalKeysGiveEqualAnswers() {
    assertThat(answers(Task.COLOUR, false)[1]).isEqualTo(answers(Task.COLOUR, false)[1]);
  }

  @Test
  void rowsWithoutAClassTeachNothing() {
    AttentionProbe.Rows asked = rows(5, Task.COLOUR, false);
    int[] none = new int[ROWS];
    Arrays.fill(none, AttentionProbe.NONE);
    try (AttentionProbe probe = new AttentionProbe(ENGINE, new RandomKey(1), WIDTH, 4);
        Tensor tokens = asked.tokens()) {
      int[] before = probe.classes(tokens);
      probe.learn(List.of(new AttentionProbe.Rows(tokens, none)), 5);
      assertThat(probe.classes(tokens)).isEqualTo(before);
    }
  }
}
