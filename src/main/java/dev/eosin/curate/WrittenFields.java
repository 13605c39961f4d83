package dev.eosin.curate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.curate.rules.Candidate;
import dev.eosin.curate.steps.CurationColumns;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.prepare.SourceRows;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which fields of rows are written: those that the recipe names, else those of the first row that
/// is kept.
final class WrittenFields {
  private final CurationSettings settings;
  private final boolean named;
  private final Set<String> names = new LinkedHashSet<>();

  WrittenFields(CurationSettings settings) {
    this.settings = settings;
    named = settings.carry().isPresent();
  }

  /// In their order; known once a row was asked for.
  List<String> names() {
    return List.copyOf(names);
  }

  /// What is written of a row.
  ///
  /// @throws DataException for a row with fields that the first has not
  ObjectNode of(Candidate row) throws DataException {
    if (names.isEmpty()) {
      begin(row);
    }
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    JsonNode content = row.row().content();
    for (String name : names) {
      if (content.has(name)) {
        fields.set(name, content.path(name));
      }
    }
    if (!CaptionMarks.whole(row.caption()).equals(row.caption())) {
      throw new DataException(
          "%s: the caption holds half a character, which UTF-8 has no bytes for; put { type: clean } among the steps, which marks it"
              .formatted(row.row().place()));
    }
    fields.put(settings.columns().caption(), row.caption());
    row.group().ifPresent(group -> fields.put(settings.columns().group(), group));
    if (!named) {
      requireKnown(row, content);
    }
    return fields;
  }

  private void begin(Candidate row) {
    CurationColumns columns = settings.columns();
    if (named) {
      names.addAll(List.of(columns.id(), columns.image(), columns.caption()));
      names.add(columns.group());
      columns.split().ifPresent(names::add);
      names.addAll(settings.carry().orElseThrow());
    } else {
      row.row().content().propertyStream().map(Map.Entry::getKey).forEach(names::add);
      names.remove(SourceRows.SAMPLE);
    }
    row.group().ifPresent(_ -> names.add(columns.group()));
  }

  private void requireKnown(Candidate row, JsonNode content) throws DataException {
    for (Map.Entry<String, JsonNode> field : content.properties()) {
      String name = field.getKey();
      if (!names.contains(name) && !name.equals(SourceRows.SAMPLE)) {
        throw new DataException(
            "%s: has the field %s, which the first row that is kept lacks; name the fields to write as curate.carry"
                .formatted(row.row().place(), Quote.of(name)));
      }
    }
  }
}
