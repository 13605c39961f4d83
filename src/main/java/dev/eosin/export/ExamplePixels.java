package dev.eosin.export;

import dev.eosin.image.transforms.EvaluationTransform;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.image.transforms.SquareCanvas;
import dev.eosin.image.transforms.TileTransform;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// How programs of others make an image into what a graph takes.
///
/// @param height of the images that the graph takes
/// @param width of them
/// @param normalisation of pixels
/// @param rule which pixels are cut off where one of them is left over
/// @param padded whether an image is first laid on a square of the mean colour
record ExamplePixels(
    int height,
    int width,
    Normalisation normalisation,
    EvaluationTransform.Rule rule,
    boolean padded) {
  /// @param transform before the normalisation
  static ExamplePixels of(TileTransform transform, Normalisation normalisation) {
    boolean padded = transform instanceof SquareCanvas;
    EvaluationTransform.Rule rule =
        switch (transform) {
          case SquareCanvas canvas -> canvas.inside().rule();
          case EvaluationTransform plain -> plain.rule();
          default -> Examples.RULE;
        };
    return new ExamplePixels(transform.height(), transform.width(), normalisation, rule, padded);
  }

  /// The function in Python.
  String python() {
    return new ExampleText("pixels.py").with("pad", padded ? "pad.py" : "").text();
  }

  /// What fills the gaps.
  Map<String, String> values() {
    return Map.of(
        "height", Integer.toString(height),
        "width", Integer.toString(width),
        "mean", numbers(normalisation.mean()),
        "std", numbers(normalisation.std()),
        "left", middle("size[0] - width"),
        "top", middle("size[1] - height"));
  }

  private String middle(String room) {
    return switch (rule) {
      case OPEN_CLIP -> "round((%s) / 2)".formatted(room);
      case HUGGING_FACE -> "(%s) // 2".formatted(room);
    };
  }

  private static String numbers(List<Double> values) {
    return values.stream()
        .map(value -> String.format(Locale.ROOT, "%sf", value))
        .collect(Collectors.joining(", "));
  }
}
