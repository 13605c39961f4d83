package dev.eosin.train.machine;

import java.util.Optional;

/// What one check of a machine found.
///
/// @param subject what was looked at: `libtorch`, `disk`, ...
/// @param verdict whether training can rely on it
/// @param found in plain words, with figures
/// @param mend what to do about it; present unless the verdict is fine
public record Finding(String subject, Verdict verdict, String found, Optional<String> mend) {
  /// How good it is.
  public enum Verdict {
    /// As it should be.
    FINE,
    /// Training works, slower or with less room than it could.
    IMPROVABLE,
    /// Training cannot work.
    BROKEN
  }

  /// @throws IllegalArgumentException for a complaint without a way to mend it
  public Finding {
    if (verdict != Verdict.FINE && mend.isEmpty()) {
      throw new IllegalArgumentException(subject + ": a complaint needs a way to mend it");
    }
  }

  static Finding fine(String subject, String found) {
    return new Finding(subject, Verdict.FINE, found, Optional.empty());
  }

  static Finding improvable(String subject, String found, String mend) {
    return new Finding(subject, Verdict.IMPROVABLE, found, Optional.of(mend));
  }

  static Finding broken(String subject, String found, String mend) {
    return new Finding(subject, Verdict.BROKEN, found, Optional.of(mend));
  }
}
