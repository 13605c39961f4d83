package dev.eosin.eval.answers;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A row as a line of JSON, and back.
///
/// @param place of the line, for messages
/// @param fields that it has
record AnswerLine(String place, JsonNode fields) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();
  private static final JsonMapper ESCAPED =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
  private static final Set<String> KNOWN =
      Set.of(
          "id",
          "image",
          "question",
          "gold",
          "answer",
          "type",
          "fact",
          "control",
          "draw",
          "rotation",
          "options",
          "group");
  private static final int MOST_OPTIONS = 26;

  /// The line without its end.
  static byte[] bytes(AnswerRow row) {
    ObjectNode json = JSON.createObjectNode().put("id", row.id());
    json.put("image", row.image().orElse(null)).put("question", row.question());
    json.put("gold", row.gold()).put("answer", row.answer()).put("type", written(row.type()));
    json.put("fact", row.fact().orElse(null)).put("control", row.control().written());
    if (row.draw() > 0) {
      json.put("draw", row.draw());
    }
    if (!row.options().isEmpty()) {
      json.put("rotation", row.rotation());
      ArrayNode options = json.putArray("options");
      row.options().forEach(options::add);
    }
    row.group().ifPresent(group -> json.put("group", group));
    json.setAll(row.further());
    return bytes(json);
  }

  /// A model may stop within a surrogate pair, which UTF-8 cannot hold but an escape can.
  private static byte[] bytes(ObjectNode json) {
    String text = json.toString();
    try {
      return StandardCharsets.UTF_8.newEncoder().canEncode(text)
          ? text.getBytes(StandardCharsets.UTF_8)
          : ESCAPED.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("this is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  /// @param judged whether the row is to be scored, so that it has to say what is right
  /// @throws DataException naming place and field, what was found and what was expected
  static AnswerRow row(String place, byte[] line, boolean judged) throws DataException {
    try {
      JsonNode fields = JSON.readTree(line);
      if (!fields.isObject()) {
        throw new DataException(
            place + ": this is no JSON object; expected one answer a line, as {\"id\": ...}");
      }
      return new AnswerLine(place, fields).row(judged);
    } catch (DataException e) {
      throw e;
    } catch (JsonProcessingException e) {
      throw new DataException(
          "%s: this is not JSON: %s; expected one object a line, mend or remove the line"
              .formatted(place, Quote.line(e.getOriginalMessage())),
          e);
    } catch (IOException e) {
      throw new DataException(place + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private AnswerRow row(boolean judged) throws DataException {
    Kind type = type();
    List<String> options = options(type);
    int rotation = whole("rotation");
    if (rotation >= Math.max(1, options.size())) {
      throw wrong("rotation", "less than the number of options, " + options.size());
    }
    Map<String, JsonNode> further = new LinkedHashMap<>();
    fields.properties().stream()
        .filter(field -> !KNOWN.contains(field.getKey()))
        .forEach(field -> further.put(field.getKey(), field.getValue()));
    AnswerRow row =
        new AnswerRow(
            name("id"),
            optional("image"),
            text("question", false),
            text("gold", !judged),
            text("answer", true),
            type,
            optional("fact"),
            control(),
            whole("draw"),
            rotation,
            options,
            optional("group"),
            further);
    if (type == Kind.CHOICE && !row.gold().isBlank() && row.rightOption().isEmpty()) {
      throw wrong("gold", "the text of one of the options, or its letter");
    }
    return row;
  }

  private Kind type() throws DataException {
    String text = text("type", false);
    for (Kind kind : Kind.values()) {
      if (written(kind).equals(text)) {
        return kind;
      }
    }
    throw wrong(
        "type",
        Arrays.stream(Kind.values()).map(AnswerLine::written).collect(Collectors.joining(", ")));
  }

  static String written(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private Control control() throws DataException {
    if (!fields.has("control")) {
      return Control.NONE;
    }
    Optional<Control> control = Control.of(text("control", false));
    if (control.isEmpty()) {
      throw wrong(
          "control",
          Arrays.stream(Control.values()).map(Control::written).collect(Collectors.joining(", ")));
    }
    return control.get();
  }

  private List<String> options(Kind type) throws DataException {
    JsonNode value = fields.path("options");
    if (value.isMissingNode() || value.isNull() || value.isArray() && value.isEmpty()) {
      return List.of();
    }
    List<String> options = new ArrayList<>();
    value.forEach(option -> options.add(option.isTextual() ? option.textValue() : ""));
    if (type != Kind.CHOICE) {
      throw wrong("options", "none, as the type is " + written(type));
    }
    if (!value.isArray()
        || options.size() < 2
        || options.size() > MOST_OPTIONS
        || options.stream().anyMatch(String::isBlank)
        || new HashSet<>(options).size() < options.size()) {
      throw wrong("options", "a list of 2 to 26 texts that differ");
    }
    return options;
  }

  /// A text or a whole number.
  private String name(String field) throws DataException {
    JsonNode value = fields.path(field);
    return value.isIntegralNumber() ? value.asText() : text(field, false);
  }

  private String text(String field, boolean mayBeEmpty) throws DataException {
    JsonNode value = fields.path(field);
    if (!value.isTextual() || !mayBeEmpty && value.textValue().isBlank()) {
      throw wrong(field, mayBeEmpty ? "a text" : "a text that is not blank");
    }
    return value.textValue();
  }

  private Optional<String> optional(String field) throws DataException {
    JsonNode value = fields.path(field);
    return value.isMissingNode() || value.isNull()
        ? Optional.empty()
        : Optional.of(text(field, false));
  }

  private int whole(String field) throws DataException {
    JsonNode value = fields.path(field);
    if (value.isMissingNode()) {
      return 0;
    }
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
      throw wrong(field, "a whole number from 0 on");
    }
    return value.intValue();
  }

  private DataException wrong(String field, String expected) {
    JsonNode value = fields.path(field);
    String found = value.isMissingNode() ? "missing" : Quote.line(value.toString());
    return new DataException(
        "%s: field '%s' is %s, expected %s; mend the line, or remove it"
            .formatted(place, field, found, expected));
  }
}
