package dev.eosin.train.logs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.train.StepPhase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Where the time of some training steps went.
///
/// @param steps measured
/// @param kernels every call, in order
/// @param phases every [StepPhase] of every step, in order; together they are the whole time
public record Profile(int steps, List<Span> kernels, List<Span> phases) {
  /// Something that took time; nanoseconds by [System#nanoTime].
  public record Span(String name, long started, long ended) {
    long nanos() {
      return ended - started;
    }

    private Span inLowerCase() {
      return new Span(name.toLowerCase(Locale.ROOT), started, ended);
    }
  }

  /// All calls of one kernel, or all phases of one kind.
  public record Total(String name, int count, long nanos) {
    private Total and(Total other) {
      return new Total(name, count + other.count, nanos + other.nanos);
    }
  }

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS_PER_MICRO = 1e3;
  private static final int PHASE_LANE = 1;
  private static final int KERNEL_LANE = 2;

  public Profile {
    kernels = List.copyOf(kernels);
    phases = List.copyOf(phases);
  }

  /// Longest first.
  public List<Total> byKernel() {
    return totals(kernels).values().stream()
        .sorted(Comparator.comparingLong(Total::nanos).reversed())
        .toList();
  }

  /// In the order of a step.
  public List<Total> byPhase() {
    return totals(phases).values().stream()
        .sorted(Comparator.comparing(total -> StepPhase.valueOf(total.name)))
        .toList();
  }

  private static Map<String, Total> totals(List<Span> spans) {
    Map<String, Total> totals = new TreeMap<>();
    for (Span span : spans) {
      totals.merge(span.name, new Total(span.name, 1, span.nanos()), Total::and);
    }
    return totals;
  }

  private static long nanos(List<Span> spans) {
    return spans.stream().mapToLong(Span::nanos).sum();
  }

  /// The part of the steps' time that was spent in kernels, 0 to 1.
  public double coverage() {
    return (double) nanos(kernels) / nanos(phases);
  }

  /// For a person to read.
  ///
  /// @param most kernels shown
  public List<String> lines(int most) {
    double whole = nanos(phases) / NANOS_PER_MILLI;
    var lines = new ArrayList<String>();
    lines.add(
        text(
            "%d steps, %.1f ms each; %.1f %% of the time in kernels",
            steps, whole / steps, 100 * coverage()));
    for (Total total : byPhase()) {
      double millis = total.nanos / NANOS_PER_MILLI;
      lines.add(
          text(
              "  %-36s %10.2f ms a step  %5.1f %%",
              total.name.toLowerCase(Locale.ROOT), millis / steps, 100 * millis / whole));
    }
    lines.add("  kernel                                count    total ms   share  ms a call");
    byKernel().stream()
        .limit(most)
        .forEach(
            total -> {
              double millis = total.nanos / NANOS_PER_MILLI;
              lines.add(
                  text(
                      "  %-36s %6d  %10.2f  %5.1f %%  %9.3f",
                      total.name, total.count, millis, 100 * millis / whole, millis / total.count));
            });
    return lines;
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /// The calls in Chrome's trace event format, for chrome://tracing and Perfetto: complete events,
  /// phases and kernels in a named lane each, microseconds from the first phase.
  public String trace() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("displayTimeUnit", "ms");
    ArrayNode events = json.putArray("traceEvents");
    name(events, "process_name", 0, "eosin");
    name(events, "thread_name", PHASE_LANE, "phases of a step");
    name(events, "thread_name", KERNEL_LANE, "kernels");
    long zero = phases.isEmpty() ? 0 : phases.getFirst().started;
    add(events, "phase", PHASE_LANE, phases.stream().map(Span::inLowerCase).toList(), zero);
    add(events, "kernel", KERNEL_LANE, kernels, zero);
    return json.toString();
  }

  private static void name(ArrayNode events, String what, int lane, String name) {
    ObjectNode event = events.addObject().put("name", what).put("ph", "M").put("pid", 1);
    event.put("tid", lane).putObject("args").put("name", name);
  }

  private static void add(
      ArrayNode events, String category, int lane, List<Span> spans, long zero) {
    for (Span span : spans) {
      events
          .addObject()
          .put("name", span.name)
          .put("cat", category)
          .put("ph", "X")
          .put("ts", (span.started - zero) / NANOS_PER_MICRO)
          .put("dur", span.nanos() / NANOS_PER_MICRO)
          .put("pid", 1)
          .put("tid", lane);
    }
  }
}
