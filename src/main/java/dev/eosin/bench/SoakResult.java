package dev.eosin.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// What a soak came to.
///
/// @param line the benchmark's line
/// @param failures one line for each limit that was passed; none where all held
public record SoakResult(String line, List<String> failures) {
  private static final double MOST_GROWTH_PERCENT = 1;
  private static final double MOST_DRIFT_PERCENT = 3;

  /// The reference ages as well, though so many times more slowly: what it shows of a drift.
  private static final double SEEN = 1 - 1.0 / SoakBenchmark.EVERY;

  /// A quantity, and how far it may go from the first window to the last.
  ///
  /// @param seen the share of a change that the quantity shows
  /// @param fallsToo whether falling as far counts as well: steps that still get faster are not
  ///   warm
  private record Judged(
      String name,
      ToDoubleFunction<SoakWindow> value,
      double seen,
      double limit,
      boolean fallsToo) {
    double percent(List<SoakWindow> windows) {
      return Trend.of(values(windows, value)).percent() / seen;
    }

    boolean fails(double percent) {
      return percent > limit || (fallsToo && percent < -limit);
    }
  }

  private static final List<Judged> ALL =
      List.of(
          new Judged("resident", SoakWindow::residentMib, 1, MOST_GROWTH_PERCENT, false),
          new Judged("native", SoakWindow::nativeMib, 1, MOST_GROWTH_PERCENT, false),
          new Judged("heap", SoakWindow::heapMib, 1, MOST_GROWTH_PERCENT, false),
          new Judged("cpu", SoakWindow::relativeCpu, SEEN, MOST_DRIFT_PERCENT, true));

  public SoakResult {
    failures = List.copyOf(failures);
  }

  static SoakResult of(SoakBenchmark soak, List<SoakWindow> all) throws IOException {
    List<SoakWindow> warm = all.subList(SoakBenchmark.WARM_UP, all.size());
    List<String> failures = new ArrayList<>();
    var result = new BenchmarkResult("soak");
    for (Judged judged : ALL) {
      double percent = judged.percent(warm);
      if (Double.isNaN(percent)) {
        continue;
      }
      result.with(judged.name + "_trend_percent", percent);
      if (judged.fails(percent)) {
        failures.add(
            "%s: %+.2f %% from window %d to %d, allowed are %s%.0f %%"
                .formatted(
                    judged.name,
                    percent,
                    SoakBenchmark.WARM_UP + 1,
                    all.size(),
                    judged.fallsToo ? "+-" : "",
                    judged.limit));
      }
    }
    long tensors = warm.getLast().openTensors() - warm.getFirst().openTensors();
    if (tensors > 0) {
      failures.add("open tensors: %d more than after the warm-up".formatted(tensors));
    }
    result
        .with("open_tensors_growth", tensors)
        .with(
            "cpu_with_the_machine_percent", Trend.of(values(warm, SoakWindow::cpuMillis)).percent())
        .series("resident_mib", values(all, SoakWindow::residentMib))
        .series("native_mib", values(all, SoakWindow::nativeMib))
        .series("heap_mib", values(all, SoakWindow::heapMib))
        .series("cpu_ms_per_step", values(all, SoakWindow::cpuMillis))
        .series("cpu_of_younger_step", values(all, SoakWindow::relativeCpu))
        .series("compiling_ms_per_step", values(all, SoakWindow::compilingMillis))
        .with("warm_up_windows", SoakBenchmark.WARM_UP)
        .text("verdict", failures.isEmpty() ? "passed" : "failed")
        .settings(Map.of("batch", soak.batch(), "threads", soak.threads(), "steps", soak.steps()));
    return new SoakResult(result.line(), failures);
  }

  private static List<Double> values(List<SoakWindow> windows, ToDoubleFunction<SoakWindow> value) {
    return windows.stream().mapToDouble(value).boxed().toList();
  }
}
