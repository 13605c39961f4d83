package dev.eosin.revise;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A good caption and what was made of it. One JSON object a line:
///
/// ```
/// {"id": "7", "image": "7.png", "corrupted": "blue stain", "target": "pink stain",
///  "operations": [{"operation": "modify", "at": 0, "from": "pink", "to": "blue", "of": "stain"}]}
/// ```
///
/// @param id names the row for good
/// @param image where it is, as its table says it; empty where there is none
/// @param corrupted what `operations` make of `target`
/// @param operations none where the caption was left as it is
/// @param target the good caption
public record DegradedRow(
    String id, String image, String corrupted, CaptionEdits operations, String target) {
  /// The file that `eosin prepare` writes.
  public static final String FILE = "degraded.jsonl";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /// @throws IllegalArgumentException where the operations do not make the one of the other
  public DegradedRow {
    String made = operations.apply(target);
    if (!made.equals(corrupted)) {
      throw new IllegalArgumentException(
          "corrupted: the operations make %s of the target, found %s"
              .formatted(Quote.of(made), Quote.of(corrupted)));
    }
  }

  /// What operations make of a caption.
  public static DegradedRow of(String id, String image, String target, CaptionEdits operations) {
    return new DegradedRow(id, image, operations.apply(target), operations, target);
  }

  /// What mends the corrupted caption.
  public CaptionEdits corrections() {
    return operations.inverse();
  }

  /// As files have it.
  public ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("id", id).put("image", image);
    json.put("corrupted", corrupted).set("operations", operations.json());
    return json.put("target", target);
  }

  /// Reads what [#json] wrote.
  ///
  /// @throws IllegalArgumentException naming what is missing or wrong
  public static DegradedRow of(JsonNode json) {
    return new DegradedRow(
        text(json, "id"),
        text(json, "image"),
        text(json, "corrupted"),
        CaptionEdits.of(json.path("operations")),
        text(json, "target"));
  }

  private static String text(JsonNode json, String field) {
    JsonNode value = json.path(field);
    if (!value.isTextual()) {
      throw new IllegalArgumentException(
          "field %s: expected a text, found %s"
              .formatted(
                  Quote.of(field), value.isMissingNode() ? "none" : Quote.line(value.toString())));
    }
    return value.textValue();
  }

  /// @throws IllegalArgumentException for what is no JSON
  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
    }
  }

  /// All rows of a file.
  ///
  /// @throws DataException naming the line that is no such row
  public static List<DegradedRow> read(Path file) throws DataException {
    List<DegradedRow> rows = new ArrayList<>();
    int number = 0;
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          rows.add(of(json(line)));
        }
      }
      return rows;
    } catch (IllegalArgumentException e) {
      throw new DataException("%s: line %d: %s".formatted(file, number, e.getMessage()), e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }
}
