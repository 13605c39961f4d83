package dev.eosin.bench;

import dev.eosin.tensor.Engine;
import dev.eosin.tensor.NativeHeap;
import dev.eosin.tensor.ProcessorTime;
import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Measures the process while it does steps, beside a younger one.
///
/// @param engine whose open tensors are counted
/// @param nativeHeap C's heap
/// @param processor whose time steps take
/// @param reference the younger one
record SoakGauges(
    Engine engine, NativeHeap nativeHeap, ProcessorTime processor, SoakReference reference) {
  private static final double MIB = 1 << 20;

  SoakGauges(Engine engine, SoakReference reference) {
    this(engine, NativeHeap.find(), ProcessorTime.find(), reference);
  }

  @FunctionalInterface
  interface Step {
    void run() throws IOException;
  }

  /// Does the steps of one window.
  ///
  /// @param parts of which the median counts
  /// @param steps of each part
  /// @param every so many steps the reference takes one, and what the steps since its last one took
  ///   of processor time is set against what its own took; the median of these quotients counts
  SoakWindow window(int parts, int steps, int every, Step step) throws IOException {
    var cpu = new double[parts];
    var resident = new double[parts];
    var used = new double[parts];
    List<Double> relative = new ArrayList<>();
    double compiled = compilingMillis();
    double referenceBefore = reference.afterSteps(0);
    int done = 0;
    for (int part = 0; part < parts; part++) {
      double before = cpuMillis();
      double mark = before;
      for (int i = 0; i < steps; i++) {
        step.run();
        if (++done % every == 0) {
          double own = (cpuMillis() - mark) / Math.min(every, i + 1);
          double after = reference.afterSteps(1);
          relative.add(own / (after - referenceBefore));
          referenceBefore = after;
          mark = cpuMillis();
        }
      }
      cpu[part] = (cpuMillis() - before) / steps;
      resident[part] = BenchmarkResult.residentMib();
      used[part] = mib(nativeHeap.usedBytes());
    }
    return new SoakWindow(
        Trend.median(cpu),
        Trend.median(relative.stream().mapToDouble(Double::doubleValue).toArray()),
        (compilingMillis() - compiled) / done,
        Trend.median(resident),
        Trend.median(used),
        heapMib(),
        engine.openTensors());
  }

  private double cpuMillis() {
    return millis(processor);
  }

  /// Processor time of this process since it began, of all threads; not a number where the system
  /// does not tell.
  static double millis(ProcessorTime processor) {
    OptionalLong nanos = processor.nanos();
    return nanos.isPresent() ? nanos.getAsLong() / 1e6 : Double.NaN;
  }

  private static double heapMib() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) / MIB;
  }

  private static double mib(OptionalLong bytes) {
    return bytes.isPresent() ? bytes.getAsLong() / MIB : Double.NaN;
  }

  private static double compilingMillis() {
    CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
    return compilers.isCompilationTimeMonitoringSupported()
        ? compilers.getTotalCompilationTime()
        : Double.NaN;
  }
}
