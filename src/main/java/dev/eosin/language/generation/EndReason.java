package dev.eosin.language.generation;

/// Why a sequence ended.
public enum EndReason {
  /// Its last id is one of the [EndTokens].
  END_ID,
  /// Its text contains a stop string.
  STOP_STRING,
  /// It has as many tokens as it may have.
  LENGTH
}
