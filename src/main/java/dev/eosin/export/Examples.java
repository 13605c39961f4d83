package dev.eosin.export;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.image.Normalisation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Programs of others that use a bundle, with the model's own sizes filled in.
///
/// @param stem of the graphs' files
/// @param padding what shorter captions are filled with
record Examples(ClipSpec spec, Normalisation normalisation, String stem, int padding) {
  /// For onnxruntime in Python.
  String python() {
    return filled("zero_shot.py");
  }

  /// For onnxruntime in Java.
  String java() {
    return filled("ZeroShot.java");
  }

  private String filled(String name) {
    return resource(name)
        .replace("@stem@", stem)
        .replace("@context@", Integer.toString(spec.text().context()))
        .replace("@padding@", Integer.toString(padding))
        .replace("@height@", Integer.toString(spec.image().height()))
        .replace("@width@", Integer.toString(spec.image().width()))
        .replace("@mean@", numbers(normalisation.mean()))
        .replace("@std@", numbers(normalisation.std()));
  }

  private static String numbers(List<Double> values) {
    return values.stream()
        .map(value -> String.format(Locale.ROOT, "%sf", value))
        .collect(Collectors.joining(", "));
  }

  static String resource(String name) {
    String file = name + ".txt";
    try (InputStream resource = Examples.class.getResourceAsStream(file)) {
      if (resource == null) {
        throw new IllegalStateException("the resource dev/eosin/export/" + file + " is missing");
      }
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the resource dev/eosin/export/" + file, e);
    }
  }
}
