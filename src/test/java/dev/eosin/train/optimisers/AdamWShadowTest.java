package dev.eosin.train.optimisers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The narrow weights that the optimiser writes beside their masters.
class AdamWShadowTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final AdamWSettings SETTINGS =
      new AdamWSettings(1e-3, List.of(0.9, 0.98), 1e-6, 0.2, Optional.of(1.0));

  private static final List<ParameterSet.Spec> SPECS =
      List.of(
          new ParameterSet.Spec("matrix", new long[] {301, 103}, true, false),
          new ParameterSet.Spec("bias", new long[] {7}, true, false));

  @ParameterizedTest
  @EnumSource(names = {"BFLOAT16", "FLOAT16"})
  void areTheirMastersRoundedAndTheMastersAreThoseOfAnFp32Run(DType compute) {
    try (ParameterSet narrow = ParameterSet.allocate(ENGINE, SPECS, compute);
        ParameterSet wide = ParameterSet.allocate(ENGINE, SPECS, DType.FLOAT32);
        AdamW narrowOptimiser = new AdamW(narrow, SETTINGS);
        AdamW wideOptimiser = new AdamW(wide, SETTINGS)) {
      for (ParameterSet set : List.of(narrow, wide)) {
        Random values = new Random(1);
        SPECS.forEach(spec -> set.fill(spec.name(), values::nextGaussian));
      }
      for (int step = 0; step < 3; step++) {
        for (ParameterSet.Spec spec : SPECS) {
          accept(spec, step, compute, narrow, narrowOptimiser);
          accept(spec, step, compute, wide, wideOptimiser);
        }
        narrowOptimiser.update(1e-2, 8);
        wideOptimiser.update(1e-2, 8);
      }
      for (ParameterSet.Spec spec : SPECS) {
        Parameter parameter = narrow.get(spec.name());
        float[] masters = parameter.master().toFloats();
        assertThat(masters).isEqualTo(wide.get(spec.name()).data().toFloats());
        assertThat(parameter.data().toFloats()).isEqualTo(rounded(masters, compute));
      }
    }
  }

  /// Ties, the smallest numbers, and those beyond fp16.
  @ParameterizedTest
  @EnumSource(names = {"BFLOAT16", "FLOAT16"})
  void areRoundedToNearestEvenAtTheEdgesToo(DType compute) {
    float[] edges = {
      1,
      1 + 0x1p-8f,
      1 + 0x3p-8f,
      1 + 0x1p-11f,
      1 + 0x3p-11f,
      -1 - 0x1p-8f - 0x1p-20f,
      0x1p-24f,
      0x1p-25f,
      0x3p-26f,
      0x1p-140f,
      65_504,
      65_519,
      65_520,
      3e38f,
      -1e-5f
    };
    var spec = new ParameterSet.Spec("edges", new long[] {edges.length}, true, false);
    try (ParameterSet set = ParameterSet.allocate(ENGINE, List.of(spec), compute);
        AdamW optimiser = new AdamW(set, SETTINGS);
        Tensor values = ENGINE.of(edges, edges.length)) {
      Parameter parameter = set.get("edges");
      ENGINE.kernels().run("assign", parameter.master(), values);
      optimiser.accept(List.of(parameter), List.of(ENGINE.zeros(compute, edges.length)));
      optimiser.update(0);
      assertThat(parameter.master().toFloats()).isEqualTo(edges);
      assertThat(parameter.data().toFloats()).isEqualTo(rounded(edges, compute));
    }
  }

  /// Hands over the same gradient, rounded to the compute type, in the type of the weights.
  private static void accept(
      ParameterSet.Spec spec, int step, DType compute, ParameterSet set, AdamW optimiser) {
    Parameter parameter = set.get(spec.name());
    float[] values = new float[(int) parameter.data().elements()];
    Random random = new Random(10 + step);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    try (Tensor gradient = ENGINE.of(rounded(values, compute), spec.shape())) {
      int type = parameter.data().dtype().scalarType();
      optimiser.accept(
          List.of(parameter), List.of(ENGINE.kernels().one("to_host", gradient, type)));
    }
  }

  /// To nearest, ties to even, as IEEE 754 has it and torch does it.
  private static float[] rounded(float[] values, DType type) {
    float[] result = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      int bits = Float.floatToRawIntBits(values[i]);
      result[i] =
          type == DType.FLOAT16
              ? Float.float16ToFloat(Float.floatToFloat16(values[i]))
              : Float.intBitsToFloat((bits + 0x7FFF + (bits >>> 16 & 1)) & 0xFFFF0000);
    }
    return result;
  }
}
