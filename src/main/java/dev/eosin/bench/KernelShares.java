package dev.eosin.bench;

import dev.eosin.tensor.KernelListener;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/// How much of the time each kernel takes, from when it is asked to listen.
final class KernelShares implements KernelListener {
  private final Map<String, Long> nanos = new LinkedHashMap<>();
  private long started;
  private boolean listening;

  /// Counts from now on.
  void begin() {
    nanos.clear();
    listening = true;
    started = System.nanoTime();
  }

  @Override
  public boolean listens() {
    return listening;
  }

  @Override
  public void called(String kernel, long startedNanos, long endedNanos) {
    nanos.merge(kernel, endedNanos - startedNanos, Long::sum);
  }

  /// Per cent of the time since [#begin], longest first; no longer listens.
  ///
  /// @param most kernels that are told
  Map<String, Double> end(int most) {
    double whole = System.nanoTime() - started;
    listening = false;
    Map<String, Double> shares = new LinkedHashMap<>();
    nanos.entrySet().stream()
        .sorted(Comparator.comparing((Map.Entry<String, Long> each) -> -each.getValue()))
        .limit(most)
        .forEach(each -> shares.put(each.getKey(), 100 * each.getValue() / whole));
    return shares;
  }
}
