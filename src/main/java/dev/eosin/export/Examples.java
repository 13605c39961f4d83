package dev.eosin.export;

import dev.eosin.image.Normalisation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Programs of others that name the text that fits an image by a bundle's graph, with the model's
/// own sizes filled in.
///
/// @param height of the images that the graph takes
/// @param width of them
/// @param normalisation of pixels
/// @param stem of the graph's file
/// @param context most ids of a text
/// @param padding what shorter texts are filled with
record Examples(
    int height, int width, Normalisation normalisation, String stem, int context, int padding) {
  /// Both by the names of their files.
  Map<String, String> files() {
    return Map.of("examples/zero_shot.py", python(), "examples/ZeroShot.java", java());
  }

  /// For onnxruntime in Python.
  private String python() {
    return filled("zero_shot.py");
  }

  /// For onnxruntime in Java.
  private String java() {
    return filled("ZeroShot.java");
  }

  private String filled(String name) {
    return resource(name)
        .replace("@stem@", stem)
        .replace("@context@", Integer.toString(context))
        .replace("@padding@", Integer.toString(padding))
        .replace("@height@", Integer.toString(height))
        .replace("@width@", Integer.toString(width))
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
