package dev.eosin.data.synthetic;

import dev.eosin.data.SamplePlace;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.random.RandomKey;

/// What the sources of drawn facts have in common.
final class DrawnFacts {
  private DrawnFacts() {}

  static FactTiles tiles(SyntheticSettings settings) {
    return new FactTiles(
        new RandomKey(settings.seed()), settings.series(), settings.tile().value());
  }

  /// Where a tile lies, whatever is said about it.
  static long place(SyntheticSettings settings, long tile) {
    String drawing =
        "facts %d %d %s %s"
            .formatted(
                FactTiles.DRAWING_VERSION, settings.seed(), settings.split(), settings.tile());
    return SamplePlace.of(SamplePlace.of(drawing), tile);
  }

  static String fingerprint(SyntheticSettings settings) {
    return "facts %d %s".formatted(FactTiles.DRAWING_VERSION, settings);
  }
}
