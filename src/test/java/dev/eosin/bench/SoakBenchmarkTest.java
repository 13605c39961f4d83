package dev.eosin.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.NativeHeap;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SoakBenchmarkTest {
  private static final int LEAST_STEPS = SoakBenchmark.WINDOWS * SoakBenchmark.PARTS;
  private static final SoakBenchmark SHORT = new SoakBenchmark(2, Device.CPU, 1, LEAST_STEPS);

  private static List<String> judged(
      DoubleUnaryOperator cpu, DoubleUnaryOperator nativeMib, DoubleUnaryOperator heap)
      throws IOException {
    List<SoakWindow> windows =
        IntStream.range(0, SoakBenchmark.WINDOWS)
            .mapToObj(
                i ->
                    new SoakWindow(
                        machine(i) * cpu.applyAsDouble(i),
                        cpu.applyAsDouble(i),
                        0,
                        400,
                        nativeMib.applyAsDouble(i),
                        heap.applyAsDouble(i),
                        7))
            .toList();
    return SoakResult.of(SHORT, windows).failures();
  }

  /// A machine that slows down by a half over the soak.
  private static double machine(int window) {
    return 1 + 0.5 * window / SoakBenchmark.WINDOWS;
  }

  /// Takes no steps and says that a step costs a millisecond.
  private static final class SteadyReference implements SoakReference {
    private double millis;

    @Override
    public double afterSteps(int steps) {
      millis += steps;
      return millis;
    }

    @Override
    public void close() {}
  }

  @Test
  void aStraightLineIsFoundInSpiteOfDisturbedWindows() {
    List<Double> values =
        new ArrayList<>(IntStream.range(0, 12).mapToObj(i -> 200 + 0.5 * i).toList());
    assertThat(Trend.of(values).percent()).isCloseTo(100 * 5.5 / 200, within(1e-9));
    values.set(3, 900.0);
    values.set(11, 10.0);
    assertThat(Trend.of(values).percent()).isCloseTo(100 * 5.5 / 200, within(0.2));
  }

  @Test
  void whatStaysPasses() throws IOException {
    assertThat(judged(i -> i < SoakBenchmark.WARM_UP ? 90 : 40, i -> 100 + i % 2, i -> 16))
        .isEmpty();
    assertThat(judged(i -> i == 15 ? 400 : 40, i -> 100 - i, i -> 16 + 0.01 * i)).isEmpty();
  }

  @Test
  void whatGrowsFails() throws IOException {
    assertThat(judged(i -> 40, i -> 100 + 0.15 * i, i -> 16))
        .containsExactly("native: +1.63 % from window 9 to 20, allowed are 1 %");
    assertThat(judged(i -> 40, i -> 100, i -> 16 + 0.02 * i)).first().asString().contains("heap");
    // 2.75 % over the windows that count, of which four fifths show.
    assertThat(judged(i -> 1 + 0.002 * i, i -> 100, i -> 16)).isEmpty();
    assertThat(judged(i -> 1 + 0.0025 * i, i -> 100, i -> 16))
        .containsExactly("cpu: +3.37 % from window 9 to 20, allowed are +-3 %");
    assertThat(judged(i -> 1 - 0.0025 * i, i -> 100, i -> 16))
        .first()
        .asString()
        .contains("cpu: -");
  }

  /// Bytes to lose at every step, so that the loss shows beside what other tests left in this
  /// process, which is still used while the soak runs: a fifth of it in all.
  private static int leakedBytes(long used, int least) {
    return (int) Math.max(least, used / 5 / LEAST_STEPS);
  }

  private static int leakedNativeBytes() {
    return leakedBytes(NativeHeap.find().usedBytes().orElse(0), 1 << 20);
  }

  private static int leakedHeapBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return leakedBytes(runtime.totalMemory() - runtime.freeMemory(), 1 << 16);
  }

  /// The measure itself: what is lost at every step is found, of every kind.
  @Test
  void everyKindOfLeakIsFound() throws IOException {
    List<Tensor> tensors = new ArrayList<>();
    List<byte[]> arrays = new ArrayList<>();
    long[] spun = {0};
    int floats = leakedNativeBytes() / Float.BYTES;
    int heapBytes = leakedHeapBytes();
    SoakResult leaking =
        SHORT.measure(
            new SteadyReference(),
            engine -> {
              tensors.add(engine.zeros(DType.FLOAT32, floats));
              arrays.add(new byte[heapBytes]);
              for (long i = 0; i < 1_000_000L * arrays.size(); i++) {
                spun[0] = spun[0] * 6364136223846793005L + i;
              }
            });
    tensors.forEach(Tensor::close);
    assertThat(leaking.failures())
        .anyMatch(failure -> failure.startsWith("native: +"))
        .anyMatch(failure -> failure.startsWith("heap: +"))
        .anyMatch(failure -> failure.startsWith("cpu: +"))
        .anyMatch(failure -> failure.startsWith("open tensors: "));
    assertThat(leaking.line()).contains("\"verdict\":\"failed\"");
  }

  @Test
  void aStepKeepsNothing() throws IOException {
    assertThat(SHORT.measure(new SteadyReference()).failures())
        .noneMatch(failure -> failure.startsWith("heap") || failure.startsWith("open tensors"));
  }

  @Test
  void aReferenceAnswersWithItsProcessorTime() throws IOException {
    var answers = new StringWriter();
    SoakReference.serve(2, Device.CPU, 1, new StringReader("0\n3\n"), new PrintWriter(answers));
    List<Double> times = answers.toString().lines().map(Double::valueOf).toList();
    assertThat(times).hasSize(2);
    assertThat(times.get(1)).isGreaterThan(times.get(0));
  }

  @Test
  void aReferenceThatEndedIsAnError() throws IOException {
    try (SoakReference ended = SoakReference.process(List.of("true"))) {
      assertThatThrownBy(() -> ended.afterSteps(1))
          .isInstanceOf(IOException.class)
          .hasMessage("the reference process of the soak has ended");
    }
  }

  @Test
  void tooFewStepsAreRefused() {
    assertThatThrownBy(() -> new SoakBenchmark(2, Device.CPU, 1, LEAST_STEPS - 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("at least 100 steps");
  }
}
