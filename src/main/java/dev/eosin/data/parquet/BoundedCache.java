package dev.eosin.data.parquet;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The values used last, up to a number of bytes, and always the newest. Thread safe; two threads
/// that miss the same value at the same time both make it.
final class BoundedCache<K, V> {
  private final long limit;
  private final Map<K, Held<V>> held = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  private record Held<V>(V value, long bytes) {}

  /// @param limit in bytes
  BoundedCache(long limit) {
    this.limit = limit;
  }

  synchronized Optional<V> get(K key) {
    return Optional.ofNullable(held.get(key)).map(Held::value);
  }

  /// Keeps a value and forgets those not used for longest.
  ///
  /// @param size of the value, in bytes
  synchronized void put(K key, V value, long size) {
    if (held.containsKey(key)) {
      return;
    }
    held.put(key, new Held<>(value, size));
    bytes += size;
    var oldest = held.entrySet().iterator();
    while (bytes > limit && held.size() > 1) {
      bytes -= oldest.next().getValue().bytes();
      oldest.remove();
    }
  }
}
