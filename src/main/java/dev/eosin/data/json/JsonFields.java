package dev.eosin.data.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.eosin.data.Caption;
import dev.eosin.text.CaptionText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/// What fields of a JSON record say.
public final class JsonFields {
  static final String NOT_CAPTIONS =
      "whose caption is neither a text, a list of texts nor a list of { text, weight }";
  public static final String NOT_A_WEIGHT = "with a caption weight that is not a number above 0";

  private JsonFields() {}

  /// The value of a field; missing where the record lacks it. A key that has dots itself goes
  /// before nested ones.
  ///
  /// @param name with dots that lead into nested objects; numbers count in arrays, from 0
  public static JsonNode at(JsonNode record, String name) {
    JsonNode direct = step(record, name);
    int dot = name.indexOf('.');
    while (direct.isMissingNode() && dot >= 0) {
      JsonNode inner = step(record, name.substring(0, dot));
      direct = inner.isContainerNode() ? at(inner, name.substring(dot + 1)) : inner.path("");
      dot = name.indexOf('.', dot + 1);
    }
    return direct;
  }

  private static JsonNode step(JsonNode node, String name) {
    if (node.isArray()) {
      boolean index = name.matches("\\d{1,9}");
      return index ? node.path(Integer.parseInt(name)) : MissingNode.getInstance();
    }
    return node.path(name);
  }

  /// A text, number or truth value as text; empty where it is blank, null, NaN or something else.
  public static Optional<String> text(JsonNode value) {
    boolean none = !value.isValueNode() || value.isNull() || value.isDouble() && isNaN(value);
    return none ? Optional.empty() : Optional.of(value.asText()).filter(text -> !text.isBlank());
  }

  private static boolean isNaN(JsonNode value) {
    return Double.isNaN(value.doubleValue());
  }

  /// The captions in a text, a list of texts or a list of objects with text and weight.
  ///
  /// @param problem is told what is wrong with them
  public static List<Caption> captions(JsonNode value, Consumer<String> problem) {
    List<Caption> captions = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(one -> addCaption(one, captions, problem));
    } else {
      addCaption(value, captions, problem);
    }
    return captions;
  }

  private static void addCaption(JsonNode one, List<Caption> captions, Consumer<String> problem) {
    JsonNode text = one.isObject() ? one.path("text") : one;
    boolean blank = text.isNull() || text.isMissingNode() && !one.isObject() || isNaN(text);
    if (blank) {
      return;
    }
    if (!text.isTextual()) {
      problem.accept(NOT_CAPTIONS);
      return;
    }
    JsonNode given = one.path("weight");
    double weight = given.isMissingNode() ? 1 : given.asDouble(0);
    if (!(weight > 0) || Double.isInfinite(weight)) {
      problem.accept(NOT_A_WEIGHT);
    } else if (!CaptionText.isEmpty(text.asText())) {
      captions.add(new Caption(CaptionText.of(text.asText()), weight));
    }
  }

  /// What a value is, for messages: `an array`, `a number`.
  public static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY, OBJECT -> "an " + value.getNodeType().name().toLowerCase(Locale.ROOT);
      case NULL -> "null";
      case MISSING -> "nothing";
      case BINARY, BOOLEAN, NUMBER, POJO, STRING ->
          "a " + value.getNodeType().name().toLowerCase(Locale.ROOT);
    };
  }
}
