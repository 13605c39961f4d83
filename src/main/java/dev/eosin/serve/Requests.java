package dev.eosin.serve;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Reads the bodies of requests, which are JSON objects, and the fields of them.
///
/// @param limits of texts
record Requests(ServeLimits limits, JsonMapper mapper) {
  private static final int DEEPEST = 16;
  private static final int LONGEST_NAME = 2_000;
  private static final int LONGEST_NUMBER = 100;
  private static final int MOST_PARTS = 50_000;

  static Requests within(ServeLimits limits) {
    StreamReadConstraints bounds =
        StreamReadConstraints.builder()
            .maxNestingDepth(DEEPEST)
            .maxNameLength(LONGEST_NAME)
            .maxNumberLength(LONGEST_NUMBER)
            // Millions of small values would take fifty times the room of their bytes.
            .maxTokenCount(MOST_PARTS)
            .maxStringLength(limits.body())
            .build();
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(bounds)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    return new Requests(
        limits,
        JsonMapper.builder(factory).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build());
  }

  /// A request's body.
  ///
  /// @throws ApiException when it is no JSON object
  ObjectNode read(byte[] body) throws ApiException {
    JsonNode node;
    try {
      node = mapper.readTree(body);
    } catch (StreamConstraintsException e) {
      throw new ApiException(
          400,
          "invalid_json",
          "",
          "the body has more than %d levels or %d parts, or a longer name or number than is taken"
              .formatted(DEEPEST, MOST_PARTS));
    } catch (JsonProcessingException e) {
      var place = e.getLocation();
      throw new ApiException(
          400,
          "invalid_json",
          "",
          "the body is no JSON%s"
              .formatted(
                  place == null
                      ? ""
                      : String.format(
                          Locale.ROOT,
                          ": line %d, column %d",
                          place.getLineNr(),
                          place.getColumnNr())));
    } catch (IOException e) {
      throw new ApiException(400, "invalid_json", "", "the body is no JSON in UTF-8");
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new ApiException(
        400, "invalid_json", "", "the body is %s; a JSON object is expected".formatted(kind(node)));
  }

  static ObjectNode empty() {
    return JsonNodeFactory.instance.objectNode();
  }

  /// Refuses fields that nothing would look at.
  ///
  /// @throws ApiException naming the first of them
  static void requireKnown(ObjectNode body, Set<String> known) throws ApiException {
    for (var field : body.properties()) {
      if (!known.contains(field.getKey())) {
        throw ApiException.wrong(
            shortened(field.getKey()),
            "is not known here; these are: " + String.join(", ", new TreeSet<>(known)));
      }
    }
  }

  /// A text that has to be there.
  ///
  /// @param name for messages
  String text(JsonNode node, String name) throws ApiException {
    if (!node.isTextual()) {
      throw ApiException.wrong(name, "is %s; a text is expected".formatted(kind(node)));
    }
    String text = node.textValue();
    if (text.isBlank()) {
      throw ApiException.wrong(name, "is empty; a text is expected");
    }
    if (text.length() > limits.text()) {
      throw ApiException.wrong(
          name, "has %d characters; at most %d are taken".formatted(text.length(), limits.text()));
    }
    return text;
  }

  /// A whole number, where there is one.
  Optional<Integer> whole(ObjectNode body, String name, int least, int most) throws ApiException {
    JsonNode node = body.path(name);
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isInt() || node.intValue() < least || node.intValue() > most) {
      throw ApiException.wrong(
          name,
          "is %s; a whole number from %d to %d is expected"
              .formatted(node.isNumber() ? shortened(node.asText()) : kind(node), least, most));
    }
    return Optional.of(node.intValue());
  }

  /// Refuses another model than the one that answers.
  static void requireModel(ObjectNode body, String name) throws ApiException {
    JsonNode model = body.path("model");
    if (!model.isMissingNode() && !model.isNull() && !model.asText().equals(name)) {
      throw new ApiException(
          404,
          "model_not_found",
          "model",
          "model: '%s' is not served here for this; '%s' is"
              .formatted(shortened(model.asText()), name));
    }
  }

  /// What kind of value it is, with its article.
  static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "a list";
      case OBJECT, POJO -> "an object";
      case STRING, BINARY -> "a text";
      case NUMBER -> "a number";
      case BOOLEAN -> "true or false";
      case NULL -> "null";
      case MISSING -> "missing";
    };
  }

  /// What a client wrote, short enough for a message.
  static String shortened(String text) {
    int most = 60;
    String line = line(text);
    return line.length() <= most ? line : line.substring(0, most) + "...";
  }

  /// A text in one line.
  static String line(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }
}
