package dev.eosin.prepare;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import java.io.IOException;

/// JSON values as bytes and back.
final class Json {
  private static final JsonMapper READABLE =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(LedgerFile.LONGEST).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final JsonMapper ESCAPED =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private Json() {}

  static ObjectNode object() {
    return READABLE.createObjectNode();
  }

  /// The value in one line of UTF-8, without a line end.
  static byte[] bytes(JsonNode value) {
    try {
      return READABLE.writeValueAsBytes(value);
    } catch (JsonProcessingException halfCharacter) {
      return escaped(value);
    }
  }

  /// A service may cut its answer within a surrogate pair, which UTF-8 cannot hold.
  private static byte[] escaped(JsonNode value) {
    try {
      return ESCAPED.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("this is no JSON value: " + e.getOriginalMessage(), e);
    }
  }

  /// The value as it will be read back: 1.0f becomes a double, an int small enough to be one.
  static JsonNode asRead(JsonNode value) throws IOException {
    return READABLE.readTree(bytes(value));
  }

  /// @throws IOException when the bytes are not one JSON value
  static JsonNode value(byte[] bytes, int start, int length) throws IOException {
    return READABLE.readTree(bytes, start, length);
  }

  /// @param place for messages
  static JsonNode object(String text, String place) throws DataException {
    try {
      JsonNode value = READABLE.readTree(text);
      if (value.isObject()) {
        return value;
      }
      throw new DataException(place + " is not a JSON object; expected one object a line");
    } catch (JsonProcessingException e) {
      throw new DataException(
          "%s is not JSON: %s; expected one object a line".formatted(place, e.getOriginalMessage()),
          e);
    }
  }
}
