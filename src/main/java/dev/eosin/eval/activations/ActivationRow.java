package dev.eosin.eval.activations;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.data.ListedImage;
import java.util.Optional;

/// What is known of a row of states.
///
/// @param row its place in the folder or table, from 0
/// @param path of its image, or its id
/// @param group slide, patient or the like
/// @param label its class
/// @param split the part of the data that it belongs to
public record ActivationRow(
    long row, String path, Optional<String> group, Optional<String> label, Optional<String> split) {
  static ActivationRow of(long row, ListedImage image) {
    return new ActivationRow(row, image.path(), image.group(), image.label(), image.split());
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("row", row).put("path", path);
    group.ifPresent(value -> json.put("group", value));
    label.ifPresent(value -> json.put("label", value));
    split.ifPresent(value -> json.put("split", value));
    return json;
  }

  static ActivationRow of(JsonNode json) {
    return new ActivationRow(
        json.path("row").asLong(),
        json.path("path").asText(),
        text(json, "group"),
        text(json, "label"),
        text(json, "split"));
  }

  private static Optional<String> text(JsonNode json, String field) {
    return json.path(field).isTextual() ? Optional.of(json.path(field).asText()) : Optional.empty();
  }
}
