package dev.eosin.eval.activations;

import java.util.List;
import java.util.Locale;

/// Which layers are kept, and how.
///
/// @param layers rising
/// @param width of each state, c
/// @param type of the numbers
record ActivationShape(List<Integer> layers, int width, NumberType type) {
  private static final int FEWEST_DIGITS = 2;

  ActivationShape {
    layers = List.copyOf(layers);
  }

  /// Of a state.
  int rowBytes() {
    return width * type.stored().bytes();
  }

  /// The names of the layers: with as many digits each, so that they sort as they are numbered.
  List<String> names() {
    int digits = Math.max(FEWEST_DIGITS, Integer.toString(layers.getLast()).length());
    return layers.stream()
        .map(layer -> String.format(Locale.ROOT, "layer_%0" + digits + "d", layer))
        .toList();
  }
}
