package dev.eosin.bench;

import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipInputs;
import dev.eosin.clip.ClipPresets;
import dev.eosin.clip.ClipSpec;
import dev.eosin.clip.ClipStep;
import dev.eosin.clip.PairLoss;
import dev.eosin.config.Pixels;
import dev.eosin.config.Share;
import dev.eosin.data.BadRowLog;
import dev.eosin.data.BadRowSettings;
import dev.eosin.data.Batch;
import dev.eosin.data.BatchLoader;
import dev.eosin.data.Preparation;
import dev.eosin.data.SampleOrder;
import dev.eosin.data.Source;
import dev.eosin.data.Sources;
import dev.eosin.data.SyntheticSettings;
import dev.eosin.image.ImageDecoder;
import dev.eosin.image.ImageSettings;
import dev.eosin.image.InputSize;
import dev.eosin.image.Normalisation;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.RandomKey;
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.ClipTokenizer;
import dev.eosin.train.AdamW;
import dev.eosin.train.AdamWSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// Thousands of steps of a tiny model with everything a run does at each step (decoding,
/// tokenising, forward, backward, AdamW), to see whether memory grows or steps get slower.
///
/// The steps are cut into [#WINDOWS] windows. The first [#WARM_UP] warm up; the first half of the
/// others is compared with the second half: memory by the largest value at a window's end, time by
/// the mean CPU time of a step.
///
/// @param batch rows in a step
/// @param threads of one CPU kernel
/// @param steps in all
public record SoakBenchmark(int batch, Device device, int threads, int steps) {
  /// Parts that the steps are cut into.
  public static final int WINDOWS = 12;

  /// Of the windows, those that do not count.
  public static final int WARM_UP = 2;

  private static final int SIDE = 32;
  private static final int CONTEXT = 24;
  private static final int SAMPLES = 512;
  private static final int WORKERS = 2;

  /// Where the process stands after a window.
  private record Window(
      double cpuMillisPerStep, double residentMib, double heapMib, long openTensors) {}

  /// @throws IllegalArgumentException for fewer steps than windows
  public SoakBenchmark {
    if (steps < WINDOWS) {
      throw new IllegalArgumentException("at least %d steps".formatted(WINDOWS));
    }
  }

  public String measure() throws IOException {
    ClipSpec spec = ClipPresets.named("tiny").withInput(SIDE, SIDE, CONTEXT);
    Engine engine = Engine.start(device, threads);
    try (Clip clip = Clip.allocate(engine, spec, DType.FLOAT32, true, Clip.fastest(device));
        ClipInputs inputs = new ClipInputs(engine, DType.FLOAT32, Normalisation.OPENAI);
        BatchLoader batches = batches()) {
      clip.initialise(new RandomKey(0));
      var settings = new AdamWSettings(1e-4, List.of(0.9, 0.98), 1e-6, 0.1, Optional.of(1.0));
      try (AdamW optimiser = new AdamW(clip.parameters(), settings)) {
        ClipStep step = ClipStep.of(clip, PairLoss.CONTRASTIVE, batch, batch);
        List<Window> windows = new ArrayList<>();
        for (int window = 0; window < WINDOWS; window++) {
          windows.add(
              window(
                  engine,
                  () -> {
                    Batch rows = batches.next();
                    step.run(inputs.rows(rows), 1, loss -> {}, optimiser);
                    optimiser.update(1e-4);
                    clip.clampLogitScale();
                  }));
        }
        return result(windows);
      }
    }
  }

  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  private Window window(Engine engine, Step step) throws IOException {
    double before = cpuMillis();
    int count = steps / WINDOWS;
    for (int i = 0; i < count; i++) {
      step.run();
    }
    double millis = (cpuMillis() - before) / count;
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    double heap = (runtime.totalMemory() - runtime.freeMemory()) / (double) (1 << 20);
    return new Window(millis, BenchmarkResult.residentMib(), heap, engine.openTensors());
  }

  private BatchLoader batches() throws IOException {
    var tiles = new SyntheticSettings(SAMPLES, SyntheticSettings.Split.TRAIN, new Pixels(SIDE), 0);
    Source source = Sources.open(tiles, new ImageDecoder());
    var image = ImageSettings.openClip(new InputSize(new Pixels(SIDE)));
    var preparation =
        new Preparation(image.training(), CaptionEncoder.truncating(ClipTokenizer.load(), CONTEXT));
    BadRowLog none = BadRowLog.unlisted(new BadRowSettings(new Share(0)), source.size());
    var order = new SampleOrder(new RandomKey(0), source.size());
    return BatchLoader.training(source, order, preparation, batch, WORKERS, 0, none);
  }

  private static double cpuMillis() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean process
        ? process.getProcessCpuTime() / 1e6
        : Double.NaN;
  }

  private String result(List<Window> windows) throws IOException {
    return new BenchmarkResult("soak")
        .with("resident_growth_percent", growth(windows, Window::residentMib))
        .with("heap_growth_percent", growth(windows, Window::heapMib))
        .with("cpu_drift_percent", drift(windows))
        .with("open_tensors_growth", windows.getLast().openTensors - first(windows).openTensors)
        .with("resident_mib", windows.getLast().residentMib)
        .with("heap_mib", windows.getLast().heapMib)
        .with("cpu_ms_per_step", windows.getLast().cpuMillisPerStep)
        .settings(Map.of("batch", batch, "threads", threads, "steps", steps))
        .line();
  }

  private static Window first(List<Window> windows) {
    return windows.get(WARM_UP);
  }

  private static List<Window> half(List<Window> windows, boolean second) {
    int middle = (WARM_UP + WINDOWS) / 2;
    return second ? windows.subList(middle, WINDOWS) : windows.subList(WARM_UP, middle);
  }

  private static double growth(List<Window> windows, ToDoubleFunction<Window> memory) {
    double before = half(windows, false).stream().mapToDouble(memory).max().orElseThrow();
    double after = half(windows, true).stream().mapToDouble(memory).max().orElseThrow();
    return 100 * (after / before - 1);
  }

  private static double drift(List<Window> windows) {
    ToDoubleFunction<Window> time = Window::cpuMillisPerStep;
    double before = half(windows, false).stream().mapToDouble(time).average().orElseThrow();
    double after = half(windows, true).stream().mapToDouble(time).average().orElseThrow();
    return 100 * (after / before - 1);
  }
}
