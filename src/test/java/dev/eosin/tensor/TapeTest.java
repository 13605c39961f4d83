package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TapeTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final int WIDTH = 32;
  private static final int HEADS = 4;
  private static final Object[] CONSTANTS = {List.of(), HEADS, true, true, false, 1.0, 1e-5};
  private static final Kernel BLOCK = new Kernel("block");
  private static final Kernel BLOCK_LEAN = new Kernel("block_lean", 1, Kernel.Gradient.OWN);
  private static final List<long[]> SHAPES =
      List.of(
          new long[] {WIDTH},
          new long[] {WIDTH},
          new long[] {3 * WIDTH, WIDTH},
          new long[] {3 * WIDTH},
          new long[] {WIDTH, WIDTH},
          new long[] {WIDTH},
          new long[] {WIDTH},
          new long[] {WIDTH},
          new long[] {2 * WIDTH, WIDTH},
          new long[] {2 * WIDTH},
          new long[] {WIDTH, 2 * WIDTH},
          new long[] {WIDTH});

  private static ParameterSet parameters(boolean trainable, DType compute) {
    var specs = new ArrayList<ParameterSet.Spec>();
    for (int i = 0; i < SHAPES.size(); i++) {
      specs.add(new ParameterSet.Spec("p" + i, SHAPES.get(i), trainable, false));
    }
    ParameterSet set = ParameterSet.allocate(ENGINE, specs, compute);
    var random = new RandomKey(7);
    for (int i = 0; i < SHAPES.size(); i++) {
      try (Tensor values = random(random, i, SHAPES.get(i))) {
        set.assign("p" + i, values);
      }
    }
    return set;
  }

  private static Tensor random(RandomKey key, int position, long... shape) {
    RandomStream stream = key.stream(RandomKey.Purpose.INITIALISATION, 0, position);
    int count = 1;
    for (long size : shape) {
      count *= (int) size;
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (0.3 * stream.nextGaussian());
    }
    return ENGINE.of(values, shape);
  }

  private static Map<String, float[]> gradients(
      ParameterSet set, Kernel kernel, Object... constants) {
    var gradients = new HashMap<String, float[]>();
    try (Tape tape = new Tape(ENGINE);
        Tensor tokens = random(new RandomKey(1), 99, 2, 5, WIDTH)) {
      List<Parameter> p = List.copyOf(set.all());
      Value x = tape.constant(tokens);
      for (int i = 0; i < 3; i++) {
        x = tape.one(kernel, List.of(x), p, constants); // the same weights thrice: tied parameters
      }
      tape.backward(
          List.of(x),
          List.of(random(new RandomKey(2), 98, 2, 5, WIDTH)),
          (parameters, values) -> {
            for (int i = 0; i < parameters.size(); i++) {
              gradients.put(parameters.get(i).name(), values.get(i).toFloats());
              values.get(i).close();
            }
          });
    }
    return gradients;
  }

  @Test
  void tapeGradientsOfTiedWeightsEqualOneWholeGraphGradient() {
    try (ParameterSet set = parameters(true, DType.FLOAT32);
        Scope scope = new Scope()) {
      Map<String, float[]> tape = gradients(set, BLOCK, CONSTANTS);
      List<Tensor> p = set.all().stream().map(Parameter::data).toList();
      Kernels kernels = ENGINE.kernels();
      kernels.gradMode(true);
      Tensor x = scope.own(random(new RandomKey(1), 99, 2, 5, WIDTH));
      for (int i = 0; i < 3; i++) {
        x =
            scope
                .own(
                    kernels.list(
                        "block", List.of(x), p, List.of(), HEADS, true, true, false, 1.0, 1e-5))
                .getFirst();
      }
      Tensor upstream = scope.own(random(new RandomKey(2), 98, 2, 5, WIDTH));
      List<Tensor> whole = scope.own(kernels.list("grad", List.of(x), p, List.of(upstream)));
      kernels.gradMode(false);
      assertThat(tape).hasSize(SHAPES.size());
      for (int i = 0; i < SHAPES.size(); i++) {
        assertThat(tape.get("p" + i)).containsExactly(whole.get(i).toFloats(), within(2e-5f));
      }
    }
  }

  @Test
  void aValueThatANodeReadsTwiceHasItsGradientOnce() {
    try (Tape tape = new Tape(ENGINE);
        Tensor data = random(new RandomKey(1), 1, 2, 3, 4)) {
      Value x = tape.leaf(data);
      Value twice = tape.one(new Kernel("qformer_joined"), List.of(x, x), List.of());
      tape.backward(
          List.of(twice),
          List.of(ENGINE.kernels().one("filled_like", twice.data(), 1.0)),
          (_, _) -> {});
      try (Tensor gradient = tape.takeGradient(x)) {
        assertThat(gradient.toFloats()).containsOnly(2);
      }
    }
  }

  @Test
  void recomputedNodesGiveTheSameGradientsToTheBit() {
    try (ParameterSet set = parameters(true, DType.FLOAT32)) {
      Object[] lean = {HEADS, true, true, 1e-5};
      for (Kernel kernel : List.of(BLOCK, BLOCK_LEAN)) {
        Object[] constants = kernel == BLOCK ? CONSTANTS : lean;
        Map<String, float[]> kept = gradients(set, kernel, constants);
        Map<String, float[]> recomputed = gradients(set, kernel.recomputing(), constants);
        kept.forEach((name, values) -> assertThat(recomputed.get(name)).containsExactly(values));
      }
    }
  }

  @Test
  void theBlockWithItsOwnBackwardGivesTheSameGradients() {
    try (ParameterSet set = parameters(true, DType.FLOAT32)) {
      Map<String, float[]> plain = gradients(set, BLOCK, CONSTANTS);
      Map<String, float[]> lean = gradients(set, BLOCK_LEAN, HEADS, true, true, 1e-5);
      plain.forEach(
          (name, values) -> assertThat(lean.get(name)).containsExactly(values, within(2e-5f)));
    }
  }

  @Test
  void anOwnBackwardOwesEveryInputAGradient() {
    try (ParameterSet set = parameters(true, DType.FLOAT32);
        Tensor tokens = random(new RandomKey(1), 99, 2, 5, WIDTH)) {
      long before = ENGINE.openTensors();
      try (Tape tape = new Tape(ENGINE)) {
        List<Value> inputs = List.of(tape.constant(tokens), tape.constant(tokens));
        Value y = tape.one(BLOCK_LEAN, inputs, List.copyOf(set.all()), HEADS, true, true, 1e-5);
        Tensor upstream = random(new RandomKey(2), 98, 2, 5, WIDTH);
        assertThatThrownBy(
                () -> tape.backward(List.of(y), List.of(upstream), (parameters, values) -> {}))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage(
                "kernel block_lean_backward gave 13 gradients for 2 inputs and 12 parameters");
      }
      assertThat(ENGINE.openTensors()).isEqualTo(before);
    }
  }

  @Test
  void bfloat16ParametersKeepTheirValuesInFp32Masters() {
    try (ParameterSet wide = parameters(true, DType.FLOAT32);
        ParameterSet narrow = parameters(true, DType.BFLOAT16)) {
      assertThat(narrow.get("p2").master().dtype()).isEqualTo(DType.FLOAT32);
      assertThat(narrow.get("p2").master().toFloats())
          .containsExactly(wide.get("p2").data().toFloats());
      assertThat(narrow.get("p2").data().dtype()).isEqualTo(DType.BFLOAT16);
    }
  }

  @Test
  void frozenParametersReceiveNothing() {
    try (ParameterSet set = parameters(false, DType.FLOAT32)) {
      long before = ENGINE.openTensors();
      try (Tape tape = new Tape(ENGINE);
          Tensor tokens = random(new RandomKey(1), 99, 2, 5, WIDTH)) {
        Value leaf = tape.leaf(tokens);
        Value y = tape.one(BLOCK, List.of(leaf), List.copyOf(set.all()), CONSTANTS);
        tape.backward(
            List.of(y),
            List.of(random(new RandomKey(2), 98, 2, 5, WIDTH)),
            (parameters, gradients) -> assertThat(parameters).isEmpty());
        try (Tensor gradient = tape.takeGradient(leaf)) {
          assertThat(gradient.shape()).containsExactly(2, 5, WIDTH);
        }
      }
      assertThat(ENGINE.openTensors()).isEqualTo(before);
    }
  }

  @Test
  void aStepLeavesNoTensorBehindEvenWhenAKernelFails() {
    try (ParameterSet set = parameters(true, DType.FLOAT32)) {
      gradients(set, BLOCK, CONSTANTS);
      long before = ENGINE.openTensors();
      gradients(set, BLOCK, CONSTANTS);
      assertThatThrownBy(() -> gradients(set, BLOCK, List.of(), 5, true, true, false, 1.0, 1e-5))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("kernel block");
      assertThat(ENGINE.openTensors()).isEqualTo(before);
    }
  }

  @Test
  void aClosedTensorThrowsInsteadOfReachingLibtorch() {
    Tensor tensor = ENGINE.scalar(1);
    tensor.close();
    tensor.close();
    assertThatThrownBy(tensor::toFloats).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aCachedBlockFedTokenByTokenEqualsTheFullForward() {
    try (ParameterSet set = parameters(false, DType.FLOAT32);
        Scope scope = new Scope()) {
      List<Tensor> p = set.all().stream().map(Parameter::data).toList();
      Kernels kernels = ENGINE.kernels();
      Tensor tokens = scope.own(random(new RandomKey(1), 99, 1, 5, WIDTH));
      float[] full =
          scope
              .own(
                  kernels.list(
                      "block", List.of(tokens), p, List.of(), HEADS, true, false, false, 1.0, 1e-5))
              .getFirst()
              .toFloats();
      float[] all = tokens.toFloats();
      List<Tensor> state = List.of();
      for (int i = 0; i < 5; i++) {
        float[] row = java.util.Arrays.copyOfRange(all, i * WIDTH, (i + 1) * WIDTH);
        var x = new ArrayList<Tensor>(List.of(scope.own(ENGINE.of(row, 1, 1, WIDTH))));
        if (!state.isEmpty()) {
          x.add(scope.own(ENGINE.zeros(DType.FLOAT32, 0)));
          x.addAll(state.subList(1, 3));
        }
        state =
            scope.own(kernels.list("block", x, p, List.of(), HEADS, true, false, true, 1.0, 1e-5));
        assertThat(state.getFirst().toFloats())
            .containsExactly(
                java.util.Arrays.copyOfRange(full, i * WIDTH, (i + 1) * WIDTH), within(1e-5f));
      }
    }
  }

  @Test
  void nothingIsKeptBelowWhatIsTrained() {
    try (ParameterSet locked = parameters(false, DType.FLOAT32);
        ParameterSet trained = parameters(true, DType.FLOAT32);
        Tensor tokens = random(new RandomKey(1), 99, 2, 5, WIDTH)) {
      long before = ENGINE.openTensors();
      try (Tape tape = new Tape(ENGINE)) {
        Value below =
            tape.one(BLOCK, List.of(tape.constant(tokens)), List.copyOf(locked.all()), CONSTANTS);
        Value x = tape.one(BLOCK, List.of(below), List.copyOf(locked.all()), CONSTANTS);
        tape.release(below);
        assertThat(ENGINE.openTensors()).isEqualTo(before + 1);
        Value y = tape.one(BLOCK, List.of(x), List.copyOf(trained.all()), CONSTANTS);
        tape.release(x); // the trained block's backward needs it
        assertThat(x.data().toFloats()).hasSize(2 * 5 * WIDTH);
        var names = new ArrayList<String>();
        tape.backward(
            List.of(y),
            List.of(random(new RandomKey(2), 98, 2, 5, WIDTH)),
            (parameters, values) -> {
              parameters.forEach(parameter -> names.add(parameter.name()));
              values.forEach(Tensor::close);
            });
        assertThat(names).hasSize(SHAPES.size());
      }
      assertThat(ENGINE.openTensors()).isEqualTo(before);
    }
  }
}
