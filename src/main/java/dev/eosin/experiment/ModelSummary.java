package dev.eosin.experiment;

import java.util.List;
import java.util.Locale;

/// A model in numbers of weights.
///
/// @param weights of the whole model, adapters included
/// @param parts in order, those with a name of their own
/// @param trained that the optimiser changes
public record ModelSummary(long weights, List<Part> parts, long trained) {
  /// @param title for a person
  public record Part(String title, long weights) {}

  public ModelSummary {
    parts = List.copyOf(parts);
  }

  /// For a person.
  public String line() {
    List<String> named =
        parts.stream()
            .map(part -> String.format(Locale.ROOT, "%s %,d", part.title(), part.weights()))
            .toList();
    return String.format(
        Locale.ROOT,
        "%,d parameters: %s; %,d trainable",
        weights,
        String.join(", ", named),
        trained);
  }
}
