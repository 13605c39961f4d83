package dev.eosin.tensor.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Products by Java's vectors against sums in fp64.
class RowMatrixTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);

  private static float[] drawn(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @Test
  void testsRunWithJavasVectors() {
    assertThat(VectorModule.isInstalled()).isTrue();
    assertThat(VectorModule.isPresent()).as("--add-modules jdk.incubator.vector").isTrue();
    assertThat(VectorModule.bits().orElseThrow()).isGreaterThanOrEqualTo(64);
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,1",
    "4,16,1",
    "5,17,2",
    "9,31,3",
    "16,64,4",
    "7,33,5",
    "13,100,8",
    "33,7,9",
    "64,576,13"
  })
  void productsAreTheSums(int rows, int columns, int inputs) {
    for (DType type : new DType[] {DType.FLOAT32, DType.BFLOAT16}) {
      try (Tensor wide = ENGINE.of(drawn(1, rows * columns), rows, columns);
          Tensor weight = ENGINE.kernels().one("to_host", wide, type.scalarType())) {
        RowMatrix matrix = RowMatrix.of(weight).orElseThrow();
        float[] w = weight.toFloats();
        float[] x = drawn(2, inputs * columns);
        float[] y = new float[inputs * rows];
        int middle = rows / 3;
        matrix.times(x, inputs, 0, middle, y);
        matrix.times(x, inputs, middle, rows, y);
        for (int input = 0; input < inputs; input++) {
          for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int i = 0; i < columns; i++) {
              sum += (double) w[row * columns + i] * x[input * columns + i];
            }
            assertThat((double) y[input * rows + row])
                .as("%s, row %d of input %d", type, row, input)
                .isCloseTo(sum, within(1e-5 * Math.max(10, columns)));
          }
        }
      }
    }
  }

  @Test
  void aRowsSumHasTheSameBitsAmongOthersAndAlone() {
    int rows = 22;
    int columns = 45;
    try (Tensor weight = ENGINE.of(drawn(3, rows * columns), rows, columns)) {
      RowMatrix matrix = RowMatrix.of(weight).orElseThrow();
      float[] x = drawn(4, 11 * columns);
      float[] together = new float[11 * rows];
      matrix.times(x, 11, 0, rows, together);
      for (int input = 0; input < 11; input++) {
        float[] own = Arrays.copyOfRange(x, input * columns, (input + 1) * columns);
        float[] alone = new float[rows];
        matrix.times(own, 1, 0, rows, alone);
        assertThat(alone)
            .containsExactly(Arrays.copyOfRange(together, input * rows, (input + 1) * rows));
      }
    }
  }

  @Test
  void lowRankPairsAreAdded() {
    int rows = 12;
    int columns = 20;
    int rank = 3;
    try (Tensor weight = ENGINE.of(drawn(5, rows * columns), rows, columns);
        Tensor down = ENGINE.of(drawn(6, rank * columns), rank, columns);
        Tensor up = ENGINE.of(drawn(7, rows * rank), rows, rank)) {
      RowMatrix plain = RowMatrix.of(weight).orElseThrow();
      var pair =
          new RowLinear.LowRank(
              RowMatrix.of(down).orElseThrow(), RowMatrix.of(up).orElseThrow(), 0.5f);
      var linear = new RowLinear(plain, Optional.of(pair));
      float[] x = drawn(8, 2 * columns);
      float[] y = new float[2 * rows];
      linear.begin(x, 2);
      linear.times(x, 2, 0, rows, y);
      float[] low = new float[2 * rank];
      pair.down().times(x, 2, 0, rank, low);
      float[] expected = new float[2 * rows];
      plain.times(x, 2, 0, rows, expected);
      float[] b = up.toFloats();
      for (int i = 0; i < y.length; i++) {
        double sum = expected[i];
        for (int k = 0; k < rank; k++) {
          sum += 0.5 * b[i % rows * rank + k] * low[i / rows * rank + k];
        }
        assertThat((double) y[i]).isCloseTo(sum, within(1e-5));
      }
    }
  }

  @Test
  void otherTypesAndShapesAreNotRead() {
    try (Tensor halves = ENGINE.zeros(DType.FLOAT16, 4, 4);
        Tensor row = ENGINE.zeros(DType.FLOAT32, 4)) {
      assertThat(RowMatrix.of(halves)).isEmpty();
      assertThatThrownBy(() -> RowMatrix.of(row)).hasMessageContaining("is no matrix");
    }
  }
}
