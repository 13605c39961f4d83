package dev.eosin.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.train.machine.ProcessMemory;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// The line that a benchmark prints.
public final class BenchmarkResult {
  private final ObjectNode json = JsonNodeFactory.instance.objectNode();

  BenchmarkResult(String what) {
    json.put("what", what);
  }

  /// The median rate, and every one.
  BenchmarkResult rates(String name, double[] perSecond) {
    json.put(name, rounded(median(perSecond)));
    var all = json.putArray("rates");
    for (double rate : perSecond) {
      all.add(rounded(rate));
    }
    return this;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /// One value for each window of the measurement.
  BenchmarkResult series(String name, List<Double> values) {
    var all = json.putArray(name);
    values.forEach(value -> all.add(rounded(value)));
    return this;
  }

  BenchmarkResult text(String name, String value) {
    json.put(name, value);
    return this;
  }

  BenchmarkResult with(String name, double value) {
    json.put(name, rounded(value));
    return this;
  }

  /// Parts of a whole, in order.
  BenchmarkResult shares(String name, Map<String, Double> parts) {
    ObjectNode node = json.putObject(name);
    parts.forEach((key, value) -> node.put(key, rounded(value)));
    return this;
  }

  BenchmarkResult settings(Map<String, Object> settings) {
    ObjectNode node = json.putObject("settings");
    settings.forEach((key, value) -> node.putPOJO(key, value));
    return this;
  }

  /// Adds the process's peak resident memory, where the system tells it.
  String line() throws IOException {
    double peak = peakMib();
    if (!Double.isNaN(peak)) {
      json.put("peak_rss_mib", (long) peak);
    }
    return json.toString();
  }

  /// The process's peak resident memory so far; not a number where the system does not tell.
  static double peakMib() throws IOException {
    return mib(ProcessMemory.peakBytes());
  }

  /// What of the process's resident memory no file holds; not a number where the system does not
  /// tell.
  static double ownMib() throws IOException {
    return mib(ProcessMemory.ownBytes());
  }

  /// The process's resident memory now; not a number where the system does not tell.
  static double residentMib() throws IOException {
    return mib(ProcessMemory.residentBytes());
  }

  private static double mib(OptionalLong bytes) {
    return bytes.isPresent() ? bytes.getAsLong() / 1024.0 / 1024.0 : Double.NaN;
  }

  private static double rounded(double value) {
    return Math.abs(value) >= 1e6 ? value : Math.round(value * 1000) / 1000.0;
  }
}
