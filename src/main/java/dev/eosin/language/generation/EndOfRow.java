package dev.eosin.language.generation;

import java.util.Optional;

/// Whether a sequence has ended with its newest token.
final class EndOfRow {
  private EndOfRow() {}

  /// The reason; empty where it goes on.
  ///
  /// @param newTokens with the newest
  static Optional<EndReason> reason(Generator generator, IdHistory ids, int newest, int newTokens) {
    if (generator.ends().contains(newest)) {
      return Optional.of(EndReason.END_ID);
    }
    if (generator.stops().endedBy(ids, generator.decoder())) {
      return Optional.of(EndReason.STOP_STRING);
    }
    return newTokens >= generator.settings().maxNewTokens()
        ? Optional.of(EndReason.LENGTH)
        : Optional.empty();
  }
}
