package dev.eosin.instruct;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.prepare.Fields;
import dev.eosin.prepare.Row;
import dev.eosin.text.CaptionText;

/// What a row of the table says; a text is empty where the row has none.
///
/// @param caption cleaned
/// @param label its text
/// @param group slide, patient, or the image itself
record CaptionRow(String key, String image, String caption, String label, String group) {
  /// @throws DataException when a field is missing or no text: then it is another table
  static CaptionRow of(Row row, CaptionInstructionSettings settings) throws DataException {
    String image = text(row, settings.image(), "image");
    String caption = settings.readsCaptions() ? text(row, settings.caption(), "caption") : "";
    String label = settings.label().isPresent() ? text(row, settings.label().get(), "label") : "";
    String group = settings.group().isPresent() ? text(row, settings.group().get(), "group") : "";
    if (!label.isEmpty() && !settings.labelNames().isEmpty()) {
      String named = settings.labelNames().get(label);
      if (named == null) {
        throw new DataException(
            "the label %s has no text; label-names has %s"
                .formatted(Quote.of(label), Quote.some(settings.labelNames().keySet(), 10)));
      }
      label = named;
    }
    return new CaptionRow(
        row.key(), image, CaptionText.cleaned(caption), label, group.isEmpty() ? image : group);
  }

  private static String text(Row row, String field, String key) throws DataException {
    JsonNode value = row.content().path(field);
    if (value.isNull()) {
      return "";
    }
    if (!value.isTextual()) {
      throw Fields.noText(row, field, "instructions." + key);
    }
    return value.textValue().strip();
  }

  /// The text for a template's place.
  String text(String slot) {
    return slot.equals(Slots.LABEL) ? label : caption;
  }

  boolean has(String slot) {
    return !text(slot).isEmpty();
  }

  /// Whether all of a template's places can be filled.
  boolean hasAll(String template) {
    return Slots.of(template).stream().allMatch(this::has);
  }

  /// Whether what this row says at a place is false of another.
  boolean isOther(CaptionRow than, String slot) {
    return has(slot) && !group.equals(than.group) && !text(slot).equalsIgnoreCase(than.text(slot));
  }
}
