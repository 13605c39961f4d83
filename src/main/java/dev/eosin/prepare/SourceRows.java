package dev.eosin.prepare;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.data.EncodedImage;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.Source;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The samples of a source as rows: one for each caption, and one for a sample without any. The
/// first caption's row has the sample's key, further ones `key#2` and so on. Questions about images
/// are named `key#q1` by their number in the source, and have the fields `answer`, `kind` and,
/// where there are any, `options`.
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
    String key = key(sample);
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    content.put(fields.id(), key).put(fields.image(), image(sample));
    content.put(fields.text(), captions.isEmpty() ? "" : captions.get(caption));
    if (sample.content() instanceof QuestionAnswer asked) {
      content.put(fields.text(), asked.question()).put("answer", asked.answer());
      content.put("kind", asked.kind().name().toLowerCase(Locale.ROOT));
      if (!asked.options().isEmpty()) {
        asked.options().forEach(content.putArray("options")::add);
      }
    }
    sample.label().ifPresent(label -> content.put("label", label));
    sample.group().ifPresent(group -> content.put(fields.group(), group));
    content.put(SAMPLE, next);
    return new Row(key, "sample " + (next + 1), content);
  }

  /// The name of its image's file, also where the source names it without its ending.
  private static String image(Sample sample) {
    String key = sample.key();
    if (!sample.images().isEmpty() && sample.images().getFirst() instanceof EncodedImage file) {
      int at = file.name().lastIndexOf(key);
      String ending = at < 0 ? "" : file.name().substring(at + key.length());
      return ending.matches("[.][A-Za-z0-9]{2,5}") ? key + ending : key;
    }
    return key;
  }

  private String key(Sample sample) {
    if (sample.content() instanceof QuestionAnswer) {
      return "%s#q%d".formatted(sample.key(), next + 1);
    }
    return caption == 0 ? sample.key() : sample.key() + "#" + (caption + 1);
  }

  @Override
  public void close() {}
}
