package dev.eosin.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;

/// A tree as JSON, the way YAML's core schema reads it: numbers with underscores are text.
final class JsonTree {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private JsonTree() {}

  static JsonNode of(Tree tree) {
    return switch (tree) {
      case Tree.Scalar scalar -> scalar(scalar);
      case Tree.Sequence list -> {
        ArrayNode array = JSON.arrayNode();
        list.items().forEach(item -> array.add(of(item)));
        yield array;
      }
      case Tree.Mapping map -> {
        ObjectNode object = JSON.objectNode();
        map.entries().forEach((name, entry) -> object.set(name, of(entry.value())));
        yield object;
      }
    };
  }

  private static JsonNode scalar(Tree.Scalar scalar) {
    return switch (CoreScalar.of(scalar)) {
      case NULL -> JSON.nullNode();
      case FLAG -> JSON.booleanNode(scalar.text().equalsIgnoreCase("true"));
      case TEXT -> JSON.textNode(scalar.text());
      case NUMBER ->
          scalar.text().matches("[-+]?[.0-9]+([eE][-+]?[0-9]{1,4})?")
              ? number(new BigDecimal(scalar.text()))
              : JSON.textNode(scalar.text());
    };
  }

  private static JsonNode number(BigDecimal number) {
    boolean whole = number.scale() == 0 && number.precision() <= 18;
    return whole ? JSON.numberNode(number.longValueExact()) : JSON.numberNode(number);
  }
}
