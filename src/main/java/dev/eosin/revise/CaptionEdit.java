package dev.eosin.revise;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Quote;
import java.util.Locale;

/// One exact change of a caption, which can be undone. As JSON, `at` counting UTF-16 units:
///
/// ```
/// {"operation": "modify", "at": 12, "from": "pink", "to": "blue", "of": "stain"}
/// {"operation": "add", "at": 30, "text": ", calcification in the upper left", "of": "finding"}
/// {"operation": "delete", "at": 30, "text": ", calcification in the upper left", "of": "finding"}
/// ```
public sealed interface CaptionEdit {
  /// Where it begins in the caption that it is applied to, in UTF-16 units.
  int at();

  /// What the words speak about, such as `organ` or `negation`; empty where nobody says it.
  String of();

  /// What stands there before; empty for an addition.
  String before();

  /// What stands there after; empty for a deletion.
  String after();

  /// The edit that takes this one back.
  CaptionEdit inverse();

  /// Other words in the place of words.
  record Modify(int at, String from, String to, String of) implements CaptionEdit {
    /// @throws IllegalArgumentException where nothing is changed
    public Modify {
      requirePlace(at);
      if (from.isEmpty() || to.isEmpty() || from.equals(to)) {
        throw new IllegalArgumentException(
            "modify: from %s to %s, expected two different texts"
                .formatted(Quote.of(from), Quote.of(to)));
      }
    }

    @Override
    public String before() {
      return from;
    }

    @Override
    public String after() {
      return to;
    }

    @Override
    public CaptionEdit inverse() {
      return new Modify(at, to, from, of);
    }
  }

  /// Words that are put in.
  record Add(int at, String text, String of) implements CaptionEdit {
    /// @throws IllegalArgumentException where nothing is added
    public Add {
      requirePlace(at);
      requireText("add", text);
    }

    @Override
    public String before() {
      return "";
    }

    @Override
    public String after() {
      return text;
    }

    @Override
    public CaptionEdit inverse() {
      return new Delete(at, text, of);
    }
  }

  /// Words that are left out.
  record Delete(int at, String text, String of) implements CaptionEdit {
    /// @throws IllegalArgumentException where nothing is deleted
    public Delete {
      requirePlace(at);
      requireText("delete", text);
    }

    @Override
    public String before() {
      return text;
    }

    @Override
    public String after() {
      return "";
    }

    @Override
    public CaptionEdit inverse() {
      return new Add(at, text, of);
    }
  }

  /// What is done.
  enum Operation {
    MODIFY,
    ADD,
    DELETE;

    /// Its name in files.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// What is done.
  default Operation operation() {
    return switch (this) {
      case Modify _ -> Operation.MODIFY;
      case Add _ -> Operation.ADD;
      case Delete _ -> Operation.DELETE;
    };
  }

  /// The caption after this edit.
  ///
  /// @throws IllegalArgumentException where the caption does not have the words there
  default String apply(String caption) {
    if (at() > caption.length() || !caption.startsWith(before(), at())) {
      throw new IllegalArgumentException(
          "%s at %d: expected %s there in %s"
              .formatted(operation().word(), at(), Quote.of(before()), Quote.of(caption)));
    }
    return caption.substring(0, at()) + after() + caption.substring(at() + before().length());
  }

  /// The caption before this edit.
  ///
  /// @throws IllegalArgumentException where it is no caption after this edit
  default String undo(String edited) {
    return inverse().apply(edited);
  }

  /// As files have it.
  default ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("operation", operation().word());
    json.put("at", at());
    switch (this) {
      case Modify(int _, String from, String to, String _) -> json.put("from", from).put("to", to);
      case Add(int _, String text, String _) -> json.put("text", text);
      case Delete(int _, String text, String _) -> json.put("text", text);
    }
    return of().isEmpty() ? json : json.put("of", of());
  }

  /// Reads what [#json] wrote.
  ///
  /// @throws IllegalArgumentException naming what is missing or wrong
  static CaptionEdit of(JsonNode json) {
    JsonNode at = json.path("at");
    if (!at.isInt()) {
      throw new IllegalArgumentException(
          "at: expected a whole number, found %s".formatted(Quote.line(json.toString())));
    }
    return at(at.intValue(), json);
  }

  /// Reads an edit as models write it, which need not count letters: without `at` the words are
  /// looked for, and an addition goes to the end.
  ///
  /// @param caption that it is to be applied to
  /// @throws IllegalArgumentException naming what is missing, wrong, or not in the caption
  static CaptionEdit located(JsonNode json, String caption) {
    if (json.path("at").isInt()) {
      return of(json);
    }
    return switch (json.path("operation").asText()) {
      case "add" -> at(caption.length(), json);
      case "delete" -> at(place(caption, text(json, "text")), json);
      default -> at(place(caption, text(json, "from")), json);
    };
  }

  private static CaptionEdit at(int at, JsonNode json) {
    String of = json.path("of").asText();
    return switch (json.path("operation").asText()) {
      case "modify" -> new Modify(at, text(json, "from"), text(json, "to"), of);
      case "add" -> new Add(at, text(json, "text"), of);
      case "delete" -> new Delete(at, text(json, "text"), of);
      default ->
          throw new IllegalArgumentException(
              "operation: expected modify, add or delete, found %s"
                  .formatted(Quote.line(json.toString())));
    };
  }

  private static String text(JsonNode json, String field) {
    JsonNode value = json.path(field);
    if (!value.isTextual()) {
      throw new IllegalArgumentException(
          "%s: expected a text, found %s".formatted(field, Quote.line(json.toString())));
    }
    return value.textValue();
  }

  /// Where whole words stand first.
  private static int place(String caption, String words) {
    for (int at = caption.indexOf(words); at >= 0; at = caption.indexOf(words, at + 1)) {
      if (Words.stand(caption, at, at + words.length())) {
        return at;
      }
    }
    throw new IllegalArgumentException(
        "%s is not in %s".formatted(Quote.of(words), Quote.of(caption)));
  }

  private static void requirePlace(int at) {
    if (at < 0) {
      throw new IllegalArgumentException("at: expected 0 or more, found " + at);
    }
  }

  private static void requireText(String operation, String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException(operation + ": the text is empty");
    }
  }
}
