package dev.eosin.text;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The texts in a file: its lines, or one field of the JSON objects on them. Blank lines are no
/// texts.
public final class TextDocuments {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TextDocuments() {}

  /// Reads a file from its first line to its last.
  ///
  /// @param field where the text is in the JSON object on each line; empty where lines are the
  ///   texts
  /// @throws DataException naming file and line of what is no UTF-8, no JSON, or lacks the field
  public static void read(Path file, Optional<String> field, Consumer<String> texts)
      throws IOException {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    if (field.isEmpty() && (name.endsWith(".jsonl") || name.endsWith(".ndjson"))) {
      throw new DataException(file + ": holds JSON; name the field that is the text (--field)");
    }
    try {
      Utf8Text.check(file);
    } catch (NoSuchFileException e) {
      throw new DataException(file + ": no such file", e);
    }
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      long number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        String text = number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line;
        if (!text.isBlank()) {
          texts.accept(field.isPresent() ? text(file, number, text, field.get()) : text);
        }
      }
    }
  }

  private static String text(Path file, long line, String json, String field) throws DataException {
    JsonNode object;
    try {
      object = JSON.readTree(json);
    } catch (JacksonException e) {
      throw new DataException(
          "%s: line %d: not JSON: %s".formatted(file, line, e.getOriginalMessage()), e);
    }
    JsonNode text = object.path(field);
    if (!text.isTextual()) {
      List<String> there = object.properties().stream().map(Map.Entry::getKey).limit(10).toList();
      throw new DataException(
          "%s: line %d: has no text '%s'; its fields are %s".formatted(file, line, field, there));
    }
    return text.asText();
  }
}
