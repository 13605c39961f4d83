package dev.eosin.eval.activations;

import dev.eosin.config.DataException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which layers are kept. Layer k is the state behind k blocks, transformers' `hidden_states[k]`; a
/// negative one counts from the end, so that -1 is the last, which the last norm went through.
///
/// @param text as it was given: `all`, or numbers and ranges with commas, such as `1,8-16,-1`
public record LayerChoice(String text) {
  /// Every layer.
  public static final LayerChoice ALL = new LayerChoice("all");

  private static final Pattern PART = Pattern.compile("(-?\\d{1,6})|(\\d{1,6})-(\\d{1,6})");

  /// @throws IllegalArgumentException when it is no choice
  public LayerChoice {
    parts(text);
  }

  private record Part(int first, int last) {}

  private static List<Part> parts(String text) {
    if (text.equals("all")) {
      return List.of(new Part(1, -1));
    }
    List<Part> parts = new ArrayList<>();
    for (String each : text.split(",", -1)) {
      Matcher part = PART.matcher(each.strip());
      if (!part.matches()) {
        throw new IllegalArgumentException(
            "layers: '%s' is no layer; write all, or numbers and ranges such as 1,8-16,-1"
                .formatted(each.strip()));
      }
      boolean one = part.group(1) != null;
      int first = Integer.parseInt(one ? part.group(1) : part.group(2));
      parts.add(new Part(first, one ? first : Integer.parseInt(part.group(3))));
    }
    return parts;
  }

  /// The layers of a model, rising.
  ///
  /// @param count that it has
  /// @throws DataException naming the layer that it has not
  public List<Integer> of(int count) throws DataException {
    var layers = new TreeSet<Integer>();
    for (Part part : parts(text)) {
      int first = within(part.first(), count);
      int last = within(part.last(), count);
      if (first > last) {
        throw new DataException("layers: %d-%d goes backwards".formatted(first, last));
      }
      for (int layer = first; layer <= last; layer++) {
        layers.add(layer);
      }
    }
    return List.copyOf(layers);
  }

  private static int within(int layer, int count) throws DataException {
    int counted = layer < 0 ? count + 1 + layer : layer;
    if (counted < 1 || counted > count) {
      throw new DataException(
          "layers: %d is none of the model's layers, which are 1 to %d (or -%d to -1)"
              .formatted(layer, count, count));
    }
    return counted;
  }
}
