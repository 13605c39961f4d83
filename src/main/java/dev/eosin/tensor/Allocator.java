package dev.eosin.tensor;

import java.util.Map;

/// Whose `malloc` gives libtorch its memory on a CPU, as the launcher chose it by `LD_PRELOAD`.
public enum Allocator {
  /// The C library's.
  SYSTEM("the C library's malloc"),
  /// gperftools'.
  TCMALLOC("tcmalloc"),
  JEMALLOC("jemalloc");

  private final String title;

  Allocator(String title) {
    this.title = title;
  }

  /// Its name for people.
  public String title() {
    return title;
  }

  /// That of this process.
  public static Allocator current() {
    return of(System.getenv());
  }

  static Allocator of(Map<String, String> environment) {
    String loaded = environment.getOrDefault("LD_PRELOAD", "");
    return loaded.contains("libtcmalloc")
        ? TCMALLOC
        : loaded.contains("libjemalloc") ? JEMALLOC : SYSTEM;
  }
}
