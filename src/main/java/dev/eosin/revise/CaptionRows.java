package dev.eosin.revise;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.Rows;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.text.CaptionText;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

/// Passes over captions of any table, each a [GoodCaption].
final class CaptionRows {
  private static final JsonMapper JSON = new JsonMapper();

  private CaptionRows() {}

  /// What opens passes.
  ///
  /// @throws DataException when data is missing or faulty
  static CaptionSurvey.Passes of(CaptionTable table, RandomKey key) throws DataException {
    return switch (table) {
      case CaptionTable.Table file -> () -> new TableRows(file);
      case CaptionTable.Data data -> {
        Source source = Sources.open(data.source(), new ImageDecoder());
        yield () -> new DataRows(source, key);
      }
    };
  }

  /// The samples of a source.
  private static final class DataRows implements Rows {
    private final Source source;
    private final RandomKey key;
    private long index;

    private DataRows(Source source, RandomKey key) {
      this.source = source;
      this.key = key;
    }

    @Override
    public Optional<Row> next() {
      if (index == source.size()) {
        return Optional.empty();
      }
      Sample sample = source.get(index++);
      List<String> texts = sample.texts();
      var random = key.stream(Purpose.PREPARATION, Row.hash("caption"), Row.hash(sample.key()));
      String text = texts.isEmpty() ? "" : texts.get(random.nextInt(texts.size()));
      return Optional.of(
          new GoodCaption(
                  sample.key(),
                  sample.images().isEmpty() ? "" : sample.key(),
                  CaptionText.cleaned(text),
                  sample.group().orElse(sample.key()))
              .row(sample.key()));
    }

    @Override
    public void close() {
      // Nothing is held open.
    }
  }

  /// The objects of a file.
  private static final class TableRows implements Rows {
    private final CaptionTable.Table table;
    private final MappingIterator<JsonNode> objects;
    private long number;

    private TableRows(CaptionTable.Table table) throws DataException {
      this.table = table;
      try {
        objects = JSON.readerFor(JsonNode.class).readValues(Files.newBufferedReader(table.path()));
      } catch (IOException e) {
        throw unreadable(e);
      }
    }

    private DataException unreadable(IOException e) {
      return new DataException(table.path() + ": cannot be read: " + AtomicFile.reason(e), e);
    }

    @Override
    public Optional<Row> next() throws DataException {
      try {
        return objects.hasNextValue() ? Optional.of(row(objects.nextValue())) : Optional.empty();
      } catch (JsonProcessingException e) {
        throw new DataException(
            "%s: object %d is not JSON: %s"
                .formatted(table.path(), number + 1, e.getOriginalMessage()),
            e);
      } catch (IOException e) {
        throw unreadable(e);
      }
    }

    private Row row(JsonNode object) throws DataException {
      number++;
      String place = "%s: object %d".formatted(table.path(), number);
      String key =
          table.key().isPresent() ? text(place, object, table.key().get()) : String.valueOf(number);
      String image = table.image().isPresent() ? text(place, object, table.image().get()) : "";
      String caption = text(place, object, table.caption());
      String group = table.group().isPresent() ? text(place, object, table.group().get()) : key;
      return new GoodCaption(key, image, CaptionText.cleaned(caption), group).row(place);
    }

    private static String text(String place, JsonNode object, String field) throws DataException {
      JsonNode value = object.path(field);
      if (value.isNull()) {
        return "";
      }
      if (!value.isTextual() && !value.isIntegralNumber()) {
        throw new DataException(
            "%s: field %s is %s, expected a text"
                .formatted(
                    place,
                    Quote.of(field),
                    value.isMissingNode() ? "missing" : Quote.line(value.toString())));
      }
      return value.asText().strip();
    }

    @Override
    public void close() throws DataException {
      try {
        objects.close();
      } catch (IOException e) {
        throw unreadable(e);
      }
    }
  }
}
