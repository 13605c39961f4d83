package dev.eosin.text;

import java.util.List;
import java.util.Optional;

/// Looks for the end of a text that arrives in pieces; for one thread.
final class StopStrings {
  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private Optional<String> found = Optional.empty();

  /// @throws IllegalArgumentException when one of them is empty
  StopStrings(List<String> stops) {
    if (stops.contains("")) {
      throw new IllegalArgumentException("an empty stop string would end every text at once");
    }
    this.stops = List.copyOf(stops);
  }

  /// The part of what has arrived that is certainly before any stop string.
  String take(String piece) {
    StringBuilder certain = new StringBuilder();
    for (int i = 0; i < piece.length() && found.isEmpty(); i++) {
      held.append(piece.charAt(i));
      found = stops.stream().filter(this::ends).max((a, b) -> a.length() - b.length());
      int keep = found.isPresent() ? found.get().length() : undecided();
      certain.append(held, 0, held.length() - keep);
      held.delete(0, held.length() - keep);
    }
    return certain.toString();
  }

  private boolean ends(String stop) {
    return held.length() >= stop.length() && held.indexOf(stop, held.length() - stop.length()) >= 0;
  }

  /// The length of the longest end of what is held that begins a stop string.
  private int undecided() {
    int most = 0;
    for (String stop : stops) {
      for (int length = Math.min(stop.length() - 1, held.length()); length > most; length--) {
        if (stop.startsWith(held.substring(held.length() - length))) {
          most = length;
        }
      }
    }
    return most;
  }

  /// What is still held back, where no stop string came.
  String rest() {
    return found.isPresent() ? "" : held.toString();
  }

  Optional<String> found() {
    return found;
  }
}
