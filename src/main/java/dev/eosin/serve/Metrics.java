package dev.eosin.serve;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// What the server counts, in the text format of Prometheus (version 0.0.4).
final class Metrics {
  private static final double[] SECONDS = {
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60
  };
  private static final double[] SIZES = {1, 2, 4, 8, 16, 32, 64, 128};

  private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();
  private final Map<String, Histogram> seconds = new ConcurrentSkipListMap<>();
  private final Map<String, Histogram> batches = new ConcurrentSkipListMap<>();
  private final AtomicInteger atWork = new AtomicInteger();
  private final LongAdder pieces = new LongAdder();
  private final long start = System.nanoTime();

  /// Numbers in buckets; a bucket counts what is at most its bound.
  private static final class Histogram {
    private final double[] bounds;
    private final long[] counts;
    private long count;
    private double sum;

    Histogram(double[] bounds) {
      this.bounds = bounds;
      this.counts = new long[bounds.length];
    }

    synchronized void add(double value) {
      count++;
      sum += value;
      for (int i = 0; i < bounds.length; i++) {
        counts[i] += value <= bounds[i] ? 1 : 0;
      }
    }

    synchronized void write(String name, String label, StringBuilder to) {
      for (int i = 0; i < bounds.length; i++) {
        to.append(
            "%s_bucket{%s,le=\"%s\"} %d\n".formatted(name, label, number(bounds[i]), counts[i]));
      }
      to.append("%s_bucket{%s,le=\"+Inf\"} %d\n".formatted(name, label, count));
      to.append("%s_sum{%s} %s\n".formatted(name, label, number(sum)));
      to.append("%s_count{%s} %d\n".formatted(name, label, count));
    }
  }

  AtomicInteger atWork() {
    return atWork;
  }

  /// @param endpoint of a few, never what a client wrote
  void request(String endpoint, int status, long nanos) {
    String labels = "endpoint=\"%s\",code=\"%d\"".formatted(endpoint, status);
    requests.computeIfAbsent(labels, key -> new LongAdder()).increment();
    seconds
        .computeIfAbsent("endpoint=\"%s\"".formatted(endpoint), key -> new Histogram(SECONDS))
        .add(nanos / 1e9);
  }

  /// @param kind `image` or `text`
  void batch(String kind, int size) {
    batches.computeIfAbsent("input=\"%s\"".formatted(kind), key -> new Histogram(SIZES)).add(size);
  }

  /// A piece of an answer was made.
  void piece() {
    pieces.increment();
  }

  String text(int waiting) {
    var text = new StringBuilder();
    head(text, "eosin_requests_total", "counter", "Requests by endpoint and status.");
    new TreeMap<>(requests)
        .forEach(
            (labels, count) ->
                text.append("eosin_requests_total{%s} %d\n".formatted(labels, count.sum())));
    head(text, "eosin_request_seconds", "histogram", "Time from the first byte to the last.");
    seconds.forEach((label, times) -> times.write("eosin_request_seconds", label, text));
    head(text, "eosin_batch_size", "histogram", "Inputs that went through the model together.");
    batches.forEach((label, sizes) -> sizes.write("eosin_batch_size", label, text));
    Runtime java = Runtime.getRuntime();
    gauge(text, "eosin_requests_at_work", "Requests that are at work.", atWork.get());
    gauge(text, "eosin_inputs_waiting", "Inputs that wait for the model.", waiting);
    double heap = (double) (java.totalMemory() - java.freeMemory());
    gauge(text, "eosin_heap_bytes", "Java heap in use.", heap);
    gauge(text, "eosin_uptime_seconds", "Since the start.", (System.nanoTime() - start) / 1e9);
    head(text, "eosin_answer_pieces_total", "counter", "Pieces of answers, about one a token.");
    text.append("eosin_answer_pieces_total %d\n".formatted(pieces.sum()));
    return text.toString();
  }

  private static void head(StringBuilder text, String name, String type, String help) {
    text.append("# HELP %s %s\n# TYPE %s %s\n".formatted(name, help, name, type));
  }

  private static void gauge(StringBuilder text, String name, String help, double value) {
    head(text, name, "gauge", help);
    text.append(name).append(' ').append(number(value)).append('\n');
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.format(Locale.ROOT, "%d", (long) value)
        : String.format(Locale.ROOT, "%.6f", value);
  }
}
