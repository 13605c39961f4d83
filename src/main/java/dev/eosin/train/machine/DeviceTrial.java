package dev.eosin.train.machine;

import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.BlockStyle;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// One transformer block forward and backward and one update by AdamW, on drawn numbers: what a
/// device gives beside what the CPU gives in fp32. Distances are of vectors, relative to the CPU's:
/// the largest over the block's result, the gradients of its input and of each weight.
///
/// @param exact of the device in fp32
/// @param narrow of the device in bf16
/// @param update of the weights after AdamW, both given the same gradients
public record DeviceTrial(double exact, double narrow, double update) {
  /// fp32 sums in another order are this near; TF32, which is off, would not be.
  public static final double MOST_EXACT = 1e-4;

  /// bf16 keeps 8 bits: a block's gradients are within 0.01 on every device tried so far.
  public static final double MOST_NARROW = 0.04;

  /// The update is fp32 on every device.
  public static final double MOST_UPDATE = 1e-6;

  private static final int ROWS = 4;
  private static final int TOKENS = 50;
  private static final int WIDTH = 64;
  private static final Transformer BLOCK =
      new Transformer(
          "trial", 1, WIDTH, 4, 4 * WIDTH, false, Activation.QUICK_GELU, BlockStyle.CLIP);
  private static final AdamWSettings ADAMW =
      new AdamWSettings(1e-2, List.of(0.9, 0.98), 1e-6, 0.1, Optional.of(1.0));

  /// Tries a device.
  public static DeviceTrial of(Engine device) {
    Engine cpu =
        switch (device.device()) {
          case Device.Cpu() -> device;
          case Device.Cuda _ -> Engine.start(Device.CPU, device.threads());
        };
    Map<String, float[]> expected = computed(cpu, DType.FLOAT32);
    Map<String, float[]> weights = updated(cpu, DType.FLOAT32, expected);
    return new DeviceTrial(
        farthest(computed(device, DType.FLOAT32), expected),
        farthest(computed(device, DType.BFLOAT16), expected),
        farthest(updated(device, DType.BFLOAT16, expected), weights));
  }

  /// Whether the device computes what it should.
  public boolean isRight() {
    return exact <= MOST_EXACT && narrow <= MOST_NARROW && update <= MOST_UPDATE;
  }

  /// The distances, for people.
  public String told() {
    return String.format(
        Locale.ROOT,
        "a block and AdamW are %.1e (fp32), %.1e (bf16) and %.1e (update) from fp32 on the CPU",
        exact,
        narrow,
        update);
  }

  /// The block's result, and gradients by the weight's name and for `input`.
  private static Map<String, float[]> computed(Engine engine, DType type) {
    Map<String, float[]> found = new LinkedHashMap<>();
    try (ParameterSet weights = weights(engine, type);
        Tape tape = new Tape(engine);
        Tensor x = drawn(engine, type, 1);
        Tensor upstream = drawn(engine, type, 2)) {
      Value input = tape.leaf(x);
      Value result = BLOCK.last(new Pass(tape, weights, BlockExecution.PLAIN), input);
      found.put("result", result.data().toFloats());
      Tensor gradient = engine.kernels().one("copied", upstream);
      tape.backward(
          List.of(result),
          List.of(gradient),
          (ready, gradients) -> {
            for (int i = 0; i < ready.size(); i++) {
              found.put(ready.get(i).name(), gradients.get(i).toFloats());
              gradients.get(i).close();
            }
          });
      try (Tensor ofInput = tape.takeGradient(input)) {
        found.put("input", ofInput.toFloats());
      }
    }
    return found;
  }

  /// The weights after one update with these gradients.
  private static Map<String, float[]> updated(
      Engine engine, DType type, Map<String, float[]> gradients) {
    Map<String, float[]> found = new LinkedHashMap<>();
    try (ParameterSet weights = weights(engine, type);
        AdamW optimiser = new AdamW(weights, ADAMW)) {
      for (Parameter weight : weights.all()) {
        float[] values = Objects.requireNonNull(gradients.get(weight.name()));
        optimiser.accept(List.of(weight), List.of(engine.of(values, weight.data().shape())));
      }
      optimiser.update(ADAMW.lr());
      weights.all().forEach(weight -> found.put(weight.name(), weight.master().toFloats()));
    }
    return found;
  }

  private static ParameterSet weights(Engine engine, DType type) {
    List<ParameterSet.Spec> specs =
        BLOCK.weights().stream()
            .map(weight -> new ParameterSet.Spec(weight.name(), weight.shape(), true, false))
            .toList();
    ParameterSet set = ParameterSet.allocate(engine, specs, type);
    int place = 0;
    for (ParameterSet.Spec spec : specs) {
      RandomStream random = stream(100 + place++);
      double mean = spec.name().endsWith("norm.weight") ? 1 : 0;
      set.fill(spec.name(), () -> mean + 0.1 * random.nextGaussian());
    }
    return set;
  }

  private static Tensor drawn(Engine engine, DType type, int place) {
    float[] values = new float[ROWS * TOKENS * WIDTH];
    RandomStream random = stream(place);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Tensor narrow = engine.zeros(type, ROWS, TOKENS, WIDTH);
    try (Tensor wide = engine.of(values, ROWS, TOKENS, WIDTH)) {
      engine.kernels().run("assign", narrow, wide);
    }
    return narrow;
  }

  private static RandomStream stream(int place) {
    return new RandomKey(0).stream(RandomKey.Purpose.INITIALISATION, 0, place);
  }

  private static double farthest(Map<String, float[]> found, Map<String, float[]> expected) {
    return found.entrySet().stream()
        .mapToDouble(
            each -> distance(each.getValue(), Objects.requireNonNull(expected.get(each.getKey()))))
        .reduce(0, DeviceTrial::worse);
  }

  /// Not a number is worse than any.
  private static double worse(double one, double other) {
    return Double.isNaN(one) || one > other ? one : other;
  }

  private static double distance(float[] found, float[] expected) {
    double apart = 0;
    double length = 0;
    for (int i = 0; i < expected.length; i++) {
      apart += Math.pow((double) found[i] - expected[i], 2);
      length += Math.pow(expected[i], 2);
    }
    return Math.sqrt(apart / length);
  }
}
