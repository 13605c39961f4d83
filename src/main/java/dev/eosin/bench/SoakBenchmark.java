package dev.eosin.bench;

import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Thousands of steps of a tiny model with everything a run does at each step (decoding,
/// tokenising, forward, backward, AdamW), to see whether memory grows or steps get slower.
///
/// The steps are cut into [#WINDOWS] windows and each window into [#PARTS] parts; a window counts
/// with the median of its parts, and what is judged is the [Trend] of the windows after the first
/// [#WARM_UP], in which the JVM still compiles what runs often.
///
/// A machine's own speed moves more than a step may: by a quarter within a run was seen. So a step
/// is measured by the same step of a [SoakReference], a process of its own that takes every
/// [#EVERY]th step beside this one and is therefore that many times younger when the soak ends.
/// What both share, such as the machine or a busy neighbour, falls out of the quotient; what comes
/// with age stays.
///
/// @param batch rows in a step
/// @param threads of one CPU kernel
/// @param steps in all
public record SoakBenchmark(int batch, Device device, int threads, int steps) {
  /// Windows that the steps are cut into.
  public static final int WINDOWS = 20;

  /// Of the windows, those that do not count. In them the reference takes every step, so that it is
  /// as warm as this process.
  public static final int WARM_UP = 8;

  /// Parts of a window.
  public static final int PARTS = 5;

  /// Steps of this process for one of the reference's, after the warm-up.
  public static final int EVERY = 5;

  /// @throws IllegalArgumentException for fewer steps than parts
  public SoakBenchmark {
    if (steps < WINDOWS * PARTS) {
      throw new IllegalArgumentException("at least %d steps".formatted(WINDOWS * PARTS));
    }
  }

  /// Done at every step besides: a leak, where the measure itself is tested.
  @FunctionalInterface
  interface Besides {
    void step(Engine engine);
  }

  /// Measures against `reference`, which is closed by whoever opened it.
  ///
  /// @throws IOException when the reference ends before it is told to
  public SoakResult measure(SoakReference reference) throws IOException {
    return measure(reference, engine -> {});
  }

  SoakResult measure(SoakReference reference, Besides besides) throws IOException {
    try (SoakSteps steps = SoakSteps.begin(batch, device, threads)) {
      SoakGauges.Step step =
          () -> {
            steps.step();
            besides.step(steps.engine());
          };
      return soak(new SoakGauges(steps.engine(), reference), step);
    }
  }

  private SoakResult soak(SoakGauges gauges, SoakGauges.Step step) throws IOException {
    int part = steps / (WINDOWS * PARTS);
    List<SoakWindow> windows = new ArrayList<>();
    for (int window = 0; window < WINDOWS; window++) {
      windows.add(gauges.window(PARTS, part, window < WARM_UP ? 1 : EVERY, step));
    }
    return SoakResult.of(this, windows);
  }
}
