package dev.eosin.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Typed access to a JSON object, where every mistake names file and field.
///
/// @param file for messages
/// @param json the object
record JsonFields(Path file, JsonNode json) {
  private static final long LARGEST = 16L << 20;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /// Reads a file holding one JSON object of at most 16 MiB.
  static JsonFields of(Path file) throws DataException {
    try {
      if (Files.size(file) > LARGEST) {
        throw new DataException(file + ": is larger than 16 MiB, too large for what it should be");
      }
      JsonNode json = JSON.readTree(Files.readString(file));
      if (!json.isObject()) {
        throw new DataException(file + ": is not a JSON object");
      }
      return new JsonFields(file, json);
    } catch (NoSuchFileException e) {
      throw new DataException(file + ": is missing", e);
    } catch (JsonProcessingException e) {
      throw new DataException(file + ": is not valid JSON: " + Quote.reason(e), e);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  boolean has(String field) {
    return json.has(field);
  }

  List<String> keys() {
    List<String> keys = new ArrayList<>();
    json.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  /// A whole number.
  long whole(String field) throws DataException {
    JsonNode node = json.path(field);
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw wrong(field, "a whole number");
    }
    return node.longValue();
  }

  /// A whole number from 0.
  long count(String field) throws DataException {
    long value = whole(field);
    if (value < 0) {
      throw wrong(field, "a whole number from 0");
    }
    return value;
  }

  double number(String field) throws DataException {
    double value = json.path(field).doubleValue();
    if (!json.path(field).isNumber() || !Double.isFinite(value)) {
      throw wrong(field, "a finite number");
    }
    return value;
  }

  String text(String field) throws DataException {
    if (!json.path(field).isTextual()) {
      throw wrong(field, "a string");
    }
    return json.path(field).textValue();
  }

  Optional<JsonFields> object(String field) throws DataException {
    return has(field) ? Optional.of(requiredObject(field)) : Optional.empty();
  }

  JsonFields requiredObject(String field) throws DataException {
    if (!json.path(field).isObject()) {
      throw wrong(field, "an object");
    }
    return new JsonFields(file, json.path(field));
  }

  private DataException wrong(String field, String expected) {
    JsonNode node = json.path(field);
    return new DataException(
        "%s: field %s is %s, expected %s"
            .formatted(
                file,
                Quote.of(field),
                node.isMissingNode() ? "missing" : Quote.line(node.toString()),
                expected));
  }
}
