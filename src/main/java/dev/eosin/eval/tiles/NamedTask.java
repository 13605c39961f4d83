package dev.eosin.eval.tiles;

import java.util.Optional;

/// What is asked of features, of tiles or of slides: how its result is called and which rules it
/// follows.
public interface NamedTask {
  /// What it is called in results, where that is said.
  Optional<String> name();

  /// Says which rules it follows, such as `knn/1`; another one where they change.
  String version();

  /// What it is called in results.
  default String title() {
    return name().orElseGet(() -> version().substring(0, version().indexOf('/')));
  }
}
