package dev.eosin.export;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// The text of a program for others while its gaps are filled, of which each is a name between two
/// `@`.
///
/// @param text as far as it is
record ExampleText(String text) {
  /// @param text as far as it is, or the name of the resource that has it
  ExampleText {
    text = text.contains("\n") ? text : resource(text);
  }

  /// With another text in a gap. A gap alone on its line takes the whole of it.
  ///
  /// @param gap its name
  /// @param piece the text, or the name of the resource that has it; nothing leaves nothing
  ExampleText with(String gap, String piece) {
    String filling = piece.isEmpty() || piece.contains("\n") ? piece : resource(piece);
    String mark = "@" + gap + "@";
    return new ExampleText(text.replace(mark + "\n", filling).replace(mark, filling));
  }

  /// The whole text.
  ///
  /// @param values by the names of gaps
  String filled(Map<String, String> values) {
    String filled = text;
    for (Map.Entry<String, String> value : values.entrySet()) {
      filled = filled.replace("@" + value.getKey() + "@", value.getValue());
    }
    return filled;
  }

  /// What a text is within quotes, in Python and in Java.
  static String quoted(String text) {
    return text.replace("\\", "\\\\")
        .replace("\"", "\\\"")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t");
  }

  private static String resource(String name) {
    String file = name + ".txt";
    try (InputStream resource = ExampleText.class.getResourceAsStream(file)) {
      if (resource == null) {
        throw new IllegalStateException("the resource dev/eosin/export/" + file + " is missing");
      }
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the resource dev/eosin/export/" + file, e);
    }
  }
}
