package dev.eosin.config;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The JSON Schema (draft 2020-12) of a recipe, for editors: completion, descriptions and a first
/// check while typing.
///
/// What [Binder] accepts, the schema accepts; the binder is stricter where a schema cannot speak
/// (checks across keys, numbers of an exact form). A recipe that `extends` another may leave out
/// any key, also of the maps inside it, so every record is described twice.
public final class JsonSchema {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String GROUPED_WHOLE = "^[-+]?[0-9]+(_[0-9]+)+$";
  private static final String GROUPED_REAL =
      "^[-+]?[0-9]+(_[0-9]+)+(\\.[0-9]*)?([eE][-+]?[0-9]+)?$";

  private final ObjectNode definitions = JSON.objectNode();
  private final Map<String, Class<?>> named = new HashMap<>();

  private JsonSchema() {}

  /// The schema of recipes that bind to `type`.
  ///
  /// @param title what an editor shows for the whole document
  public static ObjectNode of(Class<?> type, String title) {
    JsonSchema schema = new JsonSchema();
    Shape shape = Shape.of(type, Bounds.NONE);
    ObjectNode root = JSON.objectNode();
    root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    root.put("title", title);
    root.put("type", "object");
    root.set("if", JSON.objectNode().set("required", JSON.arrayNode().add("extends")));
    root.set("then", schema.root(shape, true));
    root.set("else", schema.root(shape, false));
    root.set("$defs", schema.definitions);
    return root;
  }

  private ObjectNode root(Shape shape, boolean partial) {
    return switch (shape) {
      case Shape.Choice choice -> choice(choice, Binder.KIND, partial, true);
      case Shape.Fields fields -> {
        ObjectNode document = JSON.objectNode();
        fill(document, fields, partial, true);
        yield document;
      }
      default -> throw new IllegalStateException("a recipe is a record or a choice of records");
    };
  }

  private ObjectNode schema(Shape shape, boolean partial) {
    return switch (shape) {
      case Shape.Flag() -> typed("boolean");
      case Shape.Whole(boolean wide, Bounds bounds) ->
          anyOf(bounded(typed("integer"), bounds), pattern(GROUPED_WHOLE));
      case Shape.Real(Bounds bounds) ->
          anyOf(bounded(typed("number"), bounds), pattern(GROUPED_REAL));
      case Shape.Text() -> typed("string");
      case Shape.Location() -> typed("string");
      case Shape.Words words -> words(words.constants().keySet());
      case Shape.Scalar scalar -> written(scalar.form());
      case Shape.Maybe(Shape inner) -> anyOf(schema(inner, partial), typed("null"));
      case Shape.Sequence(Shape item) -> // a list is replaced as a whole, so its items are complete
          typed("array").set("items", schema(item, false));
      case Shape.Table(Shape item) ->
          typed("object").set("additionalProperties", schema(item, partial));
      case Shape.Fields fields -> {
        ObjectNode map = reference(fields.type(), fields, partial);
        yield fields.bare().map(field -> anyOf(schema(field.shape(), partial), map)).orElse(map);
      }
      case Shape.Choice choice -> reference(choice.type(), choice, partial);
    };
  }

  private ObjectNode reference(Class<?> type, Shape shape, boolean partial) {
    String name = Names.section(type) + (partial ? "-partial" : "");
    Class<?> other = named.put(name, type);
    if (other != null && other != type) {
      throw new IllegalStateException(type + " and " + other + " need different names");
    }
    if (other == null) {
      ObjectNode definition = definitions.putObject(name);
      if (shape instanceof Shape.Choice choice) {
        definition.setAll(choice(choice, Overlay.TYPE, partial, false));
      } else if (shape instanceof Shape.Fields fields) {
        fill(definition, fields, partial, false);
      }
    }
    return JSON.objectNode().put("$ref", "#/$defs/" + name);
  }

  private ObjectNode choice(Shape.Choice shape, String selector, boolean partial, boolean root) {
    ObjectNode choice = JSON.objectNode();
    ArrayNode variants = choice.putArray(partial ? "anyOf" : "oneOf");
    ArrayNode bare = JSON.arrayNode();
    shape
        .variants()
        .forEach(
            (name, fields) -> {
              ObjectNode variant = variants.addObject();
              fill(variant, fields, partial, root);
              ObjectNode selected = (ObjectNode) variant.get("properties");
              selected.putObject(selector).put("const", name);
              if (!partial) {
                ((ArrayNode) variant.withArray("required")).insert(0, selector);
              }
              if (!root && fields.list().stream().noneMatch(Field::required)) {
                bare.add(name);
              }
            });
    if (!bare.isEmpty()) {
      variants.addObject().set("enum", bare);
    }
    return choice;
  }

  private void fill(ObjectNode schema, Shape.Fields fields, boolean partial, boolean root) {
    schema.put("type", "object");
    Doc doc = fields.type().getAnnotation(Doc.class);
    if (doc != null) {
      schema.put("description", doc.value());
    }
    ObjectNode properties = schema.putObject("properties");
    if (root && partial) {
      properties.putObject("extends").put("type", "string");
    }
    ArrayNode required = JSON.arrayNode();
    for (Field field : fields.list()) {
      properties.set(field.name(), property(field, partial));
      if (field.required() && !partial) {
        required.add(field.name());
      }
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    schema.put("additionalProperties", false);
  }

  private ObjectNode property(Field field, boolean partial) {
    ObjectNode own = schema(field.shape(), partial);
    ObjectNode property = field.orWritten().map(form -> anyOf(own, written(form))).orElse(own);
    if (!field.doc().isEmpty()) {
      property.put("description", field.doc());
    }
    field
        .orElse()
        .ifPresent(
            text -> {
              Object value = Binder.bindDefault(field, text);
              property.set("default", JsonTree.of(Unbinder.tree(field.shape(), value)));
            });
    return property;
  }

  private static ObjectNode written(WrittenAs form) {
    ArrayNode examples = JSON.arrayNode();
    List.of(form.example()).forEach(examples::add);
    ObjectNode text = pattern("^(?:" + form.pattern() + ")$");
    text.set("examples", examples);
    return form.orNumber() ? anyOf(typed("integer").put("minimum", 0), text) : text;
  }

  private static ObjectNode written(OrWritten form) {
    ObjectNode text = pattern("^(?:" + form.pattern() + ")$");
    text.putArray("examples").add(form.example());
    return text;
  }

  private static ObjectNode words(Iterable<String> names) {
    ObjectNode words = JSON.objectNode();
    names.forEach(words.putArray("enum")::add);
    return words;
  }

  private static ObjectNode bounded(ObjectNode number, Bounds bounds) {
    bound(number, "minimum", bounds.min());
    bound(number, "maximum", bounds.max());
    bound(number, "exclusiveMinimum", bounds.above());
    bound(number, "exclusiveMaximum", bounds.below());
    return number;
  }

  private static void bound(ObjectNode number, String name, double bound) {
    if (!Double.isInfinite(bound)) {
      number.put(name, bound);
    }
  }

  private static ObjectNode anyOf(ObjectNode one, ObjectNode other) {
    return JSON.objectNode().set("anyOf", JSON.arrayNode().addAll(List.of(one, other)));
  }

  private static ObjectNode typed(String type) {
    return JSON.objectNode().put("type", type);
  }

  private static ObjectNode pattern(String pattern) {
    return typed("string").put("pattern", pattern);
  }
}
