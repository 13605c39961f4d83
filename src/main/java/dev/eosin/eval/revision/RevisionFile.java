package dev.eosin.eval.revision;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Revised captions as a file: one JSON object a line.
///
/// ```
/// {"id": "7", "image": "7.png", "operation": "modify", "corrupted": "blue stain",
///  "target": "pink stain", "answer": "pink stain", "control": "none"}
/// ```
public final class RevisionFile {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  private RevisionFile() {}

  /// Writes rows, in the place of a file of that name.
  ///
  /// @throws DataException when it cannot be written
  public static void write(Path file, List<RevisionRow> rows) throws DataException {
    var text = new StringBuilder();
    rows.forEach(row -> text.append(line(row)).append('\n'));
    try {
      AtomicFile.write(file, FileContent.text(text.toString()));
    } catch (IOException e) {
      throw new DataException(file + ": cannot be written: " + AtomicFile.reason(e), e);
    }
  }

  private static String line(RevisionRow row) {
    ObjectNode json = JSON.createObjectNode().put("id", row.id());
    json.put("image", row.image().orElse(null)).put("operation", row.operation().written());
    json.put("corrupted", row.corrupted()).put("target", row.target());
    json.put("answer", row.answer()).put("control", row.control().written());
    return (row.draw() > 0 ? json.put("draw", row.draw()) : json).toString();
  }

  /// Reads a file of rows.
  ///
  /// @throws DataException naming the line and the field, what was found and what was expected;
  ///   also for a file without rows and two rows of one key
  public static List<RevisionRow> read(Path file) throws DataException {
    List<RevisionRow> rows = new ArrayList<>();
    Map<RevisionRow.Key, Integer> lines = new HashMap<>();
    int number = 0;
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      for (String line : (Iterable<String>) reader.lines()::iterator) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        String place = "%s: line %d".formatted(file, number);
        RevisionRow row = row(place, line);
        Integer earlier = lines.putIfAbsent(row.key(), number);
        if (earlier != null) {
          throw new DataException(
              "%s: %s stands in line %d already; each may stand once, remove one of them"
                  .formatted(place, Quote.line(row.key().toString()), earlier));
        }
        rows.add(row);
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
    if (rows.isEmpty()) {
      throw new DataException(file + ": has no revisions; expected one JSON object a line");
    }
    return rows;
  }

  private static RevisionRow row(String place, String line) throws DataException {
    JsonNode json;
    try {
      json = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new DataException(
          "%s: this is not JSON: %s; expected one object a line, mend or remove the line"
              .formatted(place, Quote.line(e.getOriginalMessage())),
          e);
    }
    String operation = text(place, json, "operation");
    String control = text(place, json, "control");
    return new RevisionRow(
        text(place, json, "id"),
        json.path("image").isTextual()
            ? Optional.of(json.path("image").textValue())
            : Optional.empty(),
        Operation.of(operation)
            .orElseThrow(() -> wrong(place, "operation", operation, written(Operation.values()))),
        text(place, json, "corrupted"),
        text(place, json, "target"),
        text(place, json, "answer"),
        ShownImage.of(control)
            .orElseThrow(() -> wrong(place, "control", control, written(ShownImage.values()))),
        json.path("draw").asInt());
  }

  private static String written(Enum<?>... values) {
    return Arrays.stream(values)
        .map(each -> each.name().toLowerCase(Locale.ROOT).replace('_', '-'))
        .collect(Collectors.joining(", "));
  }

  private static String text(String place, JsonNode json, String field) throws DataException {
    JsonNode value = json.path(field);
    if (!value.isTextual()) {
      throw wrong(place, field, value.isMissingNode() ? "missing" : value.toString(), "a text");
    }
    return value.textValue();
  }

  private static DataException wrong(String place, String field, String found, String expected) {
    return new DataException(
        "%s: field '%s' is %s, expected %s; mend the line, or remove it"
            .formatted(place, field, Quote.line(found), expected));
  }
}
