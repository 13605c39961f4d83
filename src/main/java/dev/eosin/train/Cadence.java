package dev.eosin.train;

import dev.eosin.config.Steps;

/// When something happens: at every multiple of `every`, step 0 included, and at the end.
///
/// @param every 0 for the end only
/// @param length updates in the whole run
public record Cadence(Steps every, Steps length) {
  public boolean due(long step) {
    return step == length.value() || (every.value() > 0 && step % every.value() == 0);
  }
}
