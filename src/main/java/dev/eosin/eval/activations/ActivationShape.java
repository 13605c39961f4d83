package dev.eosin.eval.activations;

import java.util.List;
import java.util.Locale;

/// Which layers are kept, and how.
///
/// @param layers rising; none for embeddings, which are what comes out of a model
/// @param width of each state, c
/// @param type of the numbers
public record ActivationShape(List<Integer> layers, int width, NumberType type) {
  /// The name of embeddings in files.
  public static final String EMBEDDING = "embedding";

  private static final int FEWEST_DIGITS = 2;

  public ActivationShape {
    layers = List.copyOf(layers);
  }

  /// Of embeddings.
  public static ActivationShape embedding(int width, NumberType type) {
    return new ActivationShape(List.of(), width, type);
  }

  /// Whether these are embeddings, not states of layers.
  boolean embeds() {
    return layers.isEmpty();
  }

  /// Of a state.
  int rowBytes() {
    return width * type.stored().bytes();
  }

  /// The names of the layers: with as many digits each, so that they sort as they are numbered.
  List<String> names() {
    if (embeds()) {
      return List.of(EMBEDDING);
    }
    int digits = Math.max(FEWEST_DIGITS, Integer.toString(layers.getLast()).length());
    return layers.stream()
        .map(layer -> String.format(Locale.ROOT, "layer_%0" + digits + "d", layer))
        .toList();
  }

  /// What a layer is called in messages.
  ///
  /// @param index among those that are kept
  String title(int index) {
    return embeds() ? "the embedding" : "layer " + layers.get(index);
  }
}
