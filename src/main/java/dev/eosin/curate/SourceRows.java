package dev.eosin.curate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.Rows;
import java.util.List;
import java.util.Optional;

/// The samples of a source as rows: one for each caption, and one for a sample without any. The
/// first caption's row has the sample's key, further ones `key#2` and so on.
final class SourceRows implements Rows {
  /// The field with the number of a row's sample.
  static final String SAMPLE = "sample";

  private final Source source;
  private final CurationColumns columns;
  private long next;
  private int caption;

  SourceRows(Source source, CurationColumns columns) {
    this.source = source;
    this.columns = columns;
  }

  @Override
  public Optional<Row> next() {
    if (next == source.size()) {
      return Optional.empty();
    }
    Sample sample = source.get(next);
    List<String> captions = sample.texts();
    Row row = row(sample, captions);
    if (++caption >= captions.size()) {
      caption = 0;
      next++;
    }
    return Optional.of(row);
  }

  private Row row(Sample sample, List<String> captions) {
    String key = caption == 0 ? sample.key() : sample.key() + "#" + (caption + 1);
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    content.put(columns.id(), key).put(columns.image(), sample.key());
    content.put(columns.caption(), captions.isEmpty() ? "" : captions.get(caption));
    sample.label().ifPresent(label -> content.put("label", label));
    sample.group().ifPresent(group -> content.put(columns.group(), group));
    content.put(SAMPLE, next);
    return new Row(key, "sample " + (next + 1), content);
  }

  @Override
  public void close() {}
}
