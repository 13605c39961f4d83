package dev.eosin.export;

import dev.eosin.image.transforms.EvaluationTransform;
import java.util.LinkedHashMap;
import java.util.Map;

/// Programs of others that name the text that fits an image by a bundle's graph, with the model's
/// own sizes filled in.
///
/// @param pixels how images are prepared
/// @param stem of the graph's file
/// @param context most ids of a text
/// @param padding what shorter texts are filled with
record Examples(ExamplePixels pixels, String stem, int context, int padding) {
  /// What images of CLIP's kind are made into.
  static final EvaluationTransform.Rule RULE = EvaluationTransform.Rule.OPEN_CLIP;

  /// Both by the names of their files.
  Map<String, String> files() {
    Map<String, String> values = new LinkedHashMap<>(pixels.values());
    values.put("stem", stem);
    values.put("context", Integer.toString(context));
    values.put("padding", Integer.toString(padding));
    return Map.of(
        "examples/zero_shot.py",
        new ExampleText("zero_shot.py").with("pixels", pixels.python()).filled(values),
        "examples/ZeroShot.java",
        new ExampleText("ZeroShot.java").with("pixels", "pixels.java").filled(values));
  }
}
