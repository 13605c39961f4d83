package dev.eosin.revise;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.eosin.prepare.Row;

/// A row of what is degraded, whatever table it is from.
///
/// @param key names the row for good
/// @param image where it is; empty where there is none
/// @param caption cleaned; empty where there is none
/// @param group slide, patient, or the row itself
record GoodCaption(String key, String image, String caption, String group) {
  private static final String IMAGE = "image";
  private static final String CAPTION = "caption";
  private static final String GROUP = "group";

  static GoodCaption of(Row row) {
    return new GoodCaption(
        row.key(),
        row.content().path(IMAGE).asText(),
        row.content().path(CAPTION).asText(),
        row.content().path(GROUP).asText());
  }

  Row row(String place) {
    return new Row(
        key,
        place,
        JsonNodeFactory.instance
            .objectNode()
            .put(IMAGE, image)
            .put(CAPTION, caption)
            .put(GROUP, group));
  }
}
