package dev.eosin.clip.spec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import java.util.Set;

/// Reads a foreign model configuration strictly: every key is read, is known to change nothing, or
/// is refused by name, because an option that is overlooked gives a model that loads and computes
/// nonsense.
///
/// @param file for messages
/// @param path of this object inside the file: empty or `vision_cfg.`
record JsonFields(String file, String path, JsonNode node) {
  JsonFields object(String key) throws DataException {
    JsonNode child = node.path(key);
    if (!child.isObject()) {
      throw problem(key, "is missing or not an object");
    }
    return new JsonFields(file, path + key + ".", child);
  }

  boolean has(String key) {
    return node.hasNonNull(key);
  }

  int integer(String key) throws DataException {
    JsonNode value = node.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
      throw problem(key, "is %s; a whole number is expected".formatted(shown(value)));
    }
    return value.intValue();
  }

  int integer(String key, int absent) throws DataException {
    return has(key) ? integer(key) : absent;
  }

  /// Height (0) or width (1) of a size that is one number or two.
  int side(String key, int index, int absent) throws DataException {
    JsonNode size = node.path(key);
    if (!size.isArray()) {
      return integer(key, absent);
    }
    if (size.size() != 2 || !size.path(index).canConvertToInt() || !size.path(index).isInt()) {
      throw problem(key, "is %s; one or two whole numbers are expected".formatted(shown(size)));
    }
    return size.path(index).intValue();
  }

  double number(String key, double absent) throws DataException {
    JsonNode value = node.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return absent;
    }
    if (!value.isNumber()) {
      throw problem(key, "is %s; a number is expected".formatted(shown(value)));
    }
    return value.doubleValue();
  }

  boolean flag(String key) throws DataException {
    JsonNode value = node.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return false;
    }
    if (!value.isBoolean()) {
      throw problem(key, "is %s; true or false is expected".formatted(shown(value)));
    }
    return value.booleanValue();
  }

  String text(String key, String absent) throws DataException {
    JsonNode value = node.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return absent;
    }
    if (!value.isTextual()) {
      throw problem(key, "is %s; a text is expected".formatted(shown(value)));
    }
    return value.textValue();
  }

  /// Refuses keys outside `known`, unless they say "off": null, false, 0 or an empty container.
  void refuseOthers(Set<String> known) throws DataException {
    for (var property : node.properties()) {
      JsonNode value = property.getValue();
      boolean off =
          value.isNull()
              || value.isBoolean() && !value.booleanValue()
              || value.isNumber() && value.doubleValue() == 0
              || value.isContainerNode() && value.isEmpty();
      if (!known.contains(property.getKey()) && !off) {
        throw problem(
            property.getKey(),
            "is %s, which this version does not support".formatted(shown(value)));
      }
    }
  }

  DataException problem(String key, String message) {
    return new DataException("%s: %s%s %s".formatted(file, path, key, message));
  }

  private static String shown(JsonNode value) {
    String text = value.isMissingNode() ? "missing" : value.toString();
    return text.length() > 60 ? text.substring(0, 57) + "..." : text;
  }
}
