package dev.eosin.prepare;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import java.util.List;
import java.util.Optional;

/// The samples of a source as rows: one for each caption, and one for a sample without any. The
/// first caption's row has the sample's key, further ones `key#2` and so on.
public final class SourceRows implements Rows {
  /// The field with the number of a row's sample.
  public static final String SAMPLE = "sample";

  private final Source source;
  private final RowFields fields;
  private final boolean perImage;
  private long next;
  private int caption;

  /// One row a caption.
  public SourceRows(Source source, RowFields fields) {
    this(source, fields, false);
  }

  /// @param perImage one row a sample, with its first caption; else one a caption
  public SourceRows(Source source, RowFields fields, boolean perImage) {
    this.perImage = perImage;
    this.source = source;
    this.fields = fields;
  }

  @Override
  public Optional<Row> next() {
    if (next == source.size()) {
      return Optional.empty();
    }
    Sample sample = source.get(next);
    List<String> captions = sample.texts();
    Row row = row(sample, captions);
    if (perImage || ++caption >= captions.size()) {
      caption = 0;
      next++;
    }
    return Optional.of(row);
  }

  private Row row(Sample sample, List<String> captions) {
    String key = caption == 0 ? sample.key() : sample.key() + "#" + (caption + 1);
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    content.put(fields.id(), key).put(fields.image(), sample.key());
    content.put(fields.text(), captions.isEmpty() ? "" : captions.get(caption));
    sample.label().ifPresent(label -> content.put("label", label));
    sample.group().ifPresent(group -> content.put(fields.group(), group));
    content.put(SAMPLE, next);
    return new Row(key, "sample " + (next + 1), content);
  }

  @Override
  public void close() {}
}
