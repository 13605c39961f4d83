package dev.eosin.revise;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.eosin.checkpoint.Quote;
import java.util.ArrayList;
import java.util.List;

/// Edits of one caption, each applied to what the one before it left.
///
/// @param edits in their order; none where the caption stays as it is
public record CaptionEdits(List<CaptionEdit> edits) {
  /// Nothing is changed.
  public static final CaptionEdits NONE = new CaptionEdits(List.of());

  public CaptionEdits {
    edits = List.copyOf(edits);
  }

  /// The caption after all edits.
  ///
  /// @throws IllegalArgumentException where it has not the words that an edit expects
  public String apply(String caption) {
    String edited = caption;
    for (CaptionEdit edit : edits) {
      edited = edit.apply(edited);
    }
    return edited;
  }

  /// The caption before all edits.
  ///
  /// @throws IllegalArgumentException where it is no caption after them
  public String undo(String edited) {
    return inverse().apply(edited);
  }

  /// What takes these edits back: each inverse, in reverse order.
  public CaptionEdits inverse() {
    return new CaptionEdits(edits.reversed().stream().map(CaptionEdit::inverse).toList());
  }

  /// What is done to the caption: `none`, the operation of all edits, or `several` of more than one
  /// edit.
  public String operation() {
    return switch (edits.size()) {
      case 0 -> "none";
      case 1 -> edits.getFirst().operation().word();
      default -> "several";
    };
  }

  /// As files have them.
  public ArrayNode json() {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    edits.forEach(edit -> json.add(edit.json()));
    return json;
  }

  /// Reads what [#json] wrote.
  ///
  /// @throws IllegalArgumentException naming what is missing or wrong
  public static CaptionEdits of(JsonNode json) {
    requireArray(json);
    List<CaptionEdit> edits = new ArrayList<>();
    json.forEach(edit -> edits.add(CaptionEdit.of(edit)));
    return new CaptionEdits(edits);
  }

  /// Reads edits as models write them, whose words are looked for in the caption, see
  /// [CaptionEdit#located].
  ///
  /// @throws IllegalArgumentException naming what is missing, wrong, or not in the caption
  public static CaptionEdits located(JsonNode json, String caption) {
    requireArray(json);
    List<CaptionEdit> edits = new ArrayList<>();
    String edited = caption;
    for (JsonNode one : json) {
      CaptionEdit edit = CaptionEdit.located(one, edited);
      edited = edit.apply(edited);
      edits.add(edit);
    }
    return new CaptionEdits(edits);
  }

  private static void requireArray(JsonNode json) {
    if (!json.isArray()) {
      throw new IllegalArgumentException(
          "expected a list of edits, found %s".formatted(Quote.line(json.toString())));
    }
  }
}
