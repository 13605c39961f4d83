package dev.eosin.bench;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.opened.DataSets;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Map;

/// Speed of a recipe's training data alone, in the shuffled order that training reads it in:
/// decoding, augmentation and tokenising, as fast as the workers can.
///
/// @param batch samples of a batch
/// @param steps batches measured, after as many as the loader keeps ready
public record DataBenchmark(int batch, int steps) {
  public String measure(DataSettings settings, String recipe) throws IOException {
    long opening = System.nanoTime();
    DataSets data = DataSets.open(settings, settings.text().tokenizer().open());
    double opened = (System.nanoTime() - opening) / 1e9;
    try (BatchLoader batches =
        data.previewBatches(new RandomKey(0), new BatchSettings(batch), batch)) {
      long bad = 0;
      for (int step = 0; step < BatchLoader.RING; step++) {
        bad += batches.next().badRows().size();
      }
      double cpu = cpuSeconds();
      long started = System.nanoTime();
      for (int step = 0; step < steps; step++) {
        Batch next = batches.next();
        bad += next.badRows().size();
      }
      double seconds = (System.nanoTime() - started) / 1e9;
      double samples = (double) batch * steps;
      return new BenchmarkResult("data")
          .with("images_per_s", samples / seconds)
          .with("cpu_ms_per_image", 1e3 * (cpuSeconds() - cpu) / samples)
          .with("busy_cores", (cpuSeconds() - cpu) / seconds)
          .with("bad_rows", bad)
          .with("open_s", opened)
          .settings(Map.of("recipe", recipe, "batch", batch, "workers", settings.workerCount()))
          .line();
    }
  }

  private static double cpuSeconds() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean process
        ? process.getProcessCpuTime() / 1e9
        : Double.NaN;
  }
}
