package dev.eosin.bench;

import dev.eosin.tensor.Engine;
import dev.eosin.tensor.NativeHeap;
import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalLong;

/// Measures the process while it does steps, beside a younger one.
///
/// @param engine whose open tensors are counted
/// @param nativeHeap C's heap
record SoakGauges(Engine engine, NativeHeap nativeHeap, SoakReference reference) {
  private static final double MIB = 1 << 20;

  SoakGauges(Engine engine, SoakReference reference) {
    this(engine, NativeHeap.find(), reference);
  }

  @FunctionalInterface
  interface Step {
    void run() throws IOException;
  }

  /// Does the steps of one window.
  ///
  /// @param parts of which the median counts
  /// @param steps of each part
  /// @param every so many steps the reference takes one
  SoakWindow window(int parts, int steps, int every, Step step) throws IOException {
    var cpu = new double[parts];
    var resident = new double[parts];
    var used = new double[parts];
    double compiled = compilingMillis();
    double all = cpuMillis();
    double allOfReference = reference.afterSteps(0);
    int done = 0;
    for (int part = 0; part < parts; part++) {
      double before = cpuMillis();
      for (int i = 0; i < steps; i++) {
        step.run();
        if (++done % every == 0) {
          reference.afterSteps(1);
        }
      }
      cpu[part] = (cpuMillis() - before) / steps;
      resident[part] = BenchmarkResult.residentMib();
      used[part] = mib(nativeHeap.usedBytes());
    }
    double aStep = (cpuMillis() - all) / done;
    double aStepOfReference = (reference.afterSteps(0) - allOfReference) / (done / every);
    return new SoakWindow(
        Trend.median(cpu),
        aStep / aStepOfReference,
        (compilingMillis() - compiled) / done,
        Trend.median(resident),
        Trend.median(used),
        heapMib(),
        engine.openTensors());
  }

  private static double heapMib() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) / MIB;
  }

  private static double mib(OptionalLong bytes) {
    return bytes.isPresent() ? bytes.getAsLong() / MIB : Double.NaN;
  }

  /// Processor time of this process since it began, of all threads.
  static double cpuMillis() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean process
        ? process.getProcessCpuTime() / 1e6
        : Double.NaN;
  }

  private static double compilingMillis() {
    CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
    return compilers.isCompilationTimeMonitoringSupported()
        ? compilers.getTotalCompilationTime()
        : Double.NaN;
  }
}
