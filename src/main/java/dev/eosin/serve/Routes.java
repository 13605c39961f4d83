package dev.eosin.serve;

import java.util.Map;
import java.util.Optional;

/// Where each endpoint is.
///
/// @param byPath of every one that is there
record Routes(Map<String, Route> byPath) {
  Routes {
    byPath = Map.copyOf(byPath);
  }

  /// @param name in metrics
  /// @param posts whether it takes a body; others are asked with GET
  /// @param open whether it needs no token
  record Route(String name, boolean posts, boolean open, Endpoint endpoint) {
    static Route get(String name, Endpoint endpoint) {
      return new Route(name, false, false, endpoint);
    }

    static Route open(String name, Endpoint endpoint) {
      return new Route(name, false, true, endpoint);
    }

    static Route post(String name, Endpoint endpoint) {
      return new Route(name, true, false, endpoint);
    }
  }

  /// A route with what lies behind its path.
  record Found(Route route, String rest) {}

  /// @param path of a request
  Optional<Found> find(String path) {
    Optional<Found> exact =
        Optional.ofNullable(byPath.get(path)).map(route -> new Found(route, ""));
    if (exact.isPresent()) {
      return exact;
    }
    int end = path.lastIndexOf('/') + 1;
    // Only paths that end in a slash have anything behind them, and that has none.
    return end > 1
        ? Optional.ofNullable(byPath.get(path.substring(0, end)))
            .map(route -> new Found(route, path.substring(end)))
        : Optional.empty();
  }
}
