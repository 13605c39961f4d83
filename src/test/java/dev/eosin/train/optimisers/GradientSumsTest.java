package dev.eosin.train.optimisers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// In few calls, as on a GPU, and one by one: the same bits.
class GradientSumsTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final long[] SHAPE = {2, 3};

  @Test
  void fewCallsSumAsManyDo() {
    List<ParameterSet.Spec> specs =
        List.of(
            new ParameterSet.Spec("narrow", SHAPE, true, false),
            new ParameterSet.Spec("wide", SHAPE, true, true),
            new ParameterSet.Spec("late", SHAPE, true, false));
    long before = ENGINE.openTensors();
    try (ParameterSet set = ParameterSet.allocate(ENGINE, specs, DType.BFLOAT16);
        GradientSums each = new GradientSums(ENGINE, false);
        GradientSums together = new GradientSums(ENGINE, true)) {
      for (GradientSums sums : List.of(each, together)) {
        deliver(sums, set, 1, "narrow", "wide");
        deliver(sums, set, 2, "narrow", "wide", "late");
        deliver(sums, set, 3, "narrow", "wide", "late");
      }
      for (Parameter parameter : set.all()) {
        assertThat(together.of(parameter).dtype()).isEqualTo(DType.FLOAT32);
        assertThat(together.of(parameter).toFloats())
            .as(parameter.name())
            .containsExactly(each.of(parameter).toFloats());
      }
    }
    assertThat(ENGINE.openTensors()).isEqualTo(before);
  }

  private static void deliver(GradientSums sums, ParameterSet set, int part, String... names) {
    List<Parameter> parameters = set.named(names);
    List<Tensor> gradients =
        IntStream.range(0, names.length)
            .mapToObj(i -> gradient(parameters.get(i), part + 0.37f * i))
            .toList();
    sums.accept(parameters, gradients);
  }

  private static Tensor gradient(Parameter parameter, float value) {
    float[] values = new float[6];
    for (int i = 0; i < values.length; i++) {
      values[i] = value * (i + 1) / 7;
    }
    Tensor narrow = ENGINE.zeros(parameter.data().dtype(), SHAPE);
    try (Tensor wide = ENGINE.of(values, SHAPE)) {
      ENGINE.kernels().run("assign", narrow, wide);
    }
    return narrow;
  }
}
