package dev.eosin.file;

import java.nio.file.Path;
import java.util.Objects;

/// Where a user's programs keep what they can make again.
public final class UserCache {
  private UserCache() {}

  /// Eosin's own part of it, which may not exist: `$XDG_CACHE_HOME/eosin`, by default
  /// `~/.cache/eosin`.
  public static Path folder() {
    String home = System.getProperty("user.home", "");
    String cache = Objects.requireNonNullElse(System.getenv("XDG_CACHE_HOME"), home + "/.cache");
    return Path.of(cache, "eosin");
  }
}
