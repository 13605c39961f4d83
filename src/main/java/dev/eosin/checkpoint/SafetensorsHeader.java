package dev.eosin.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The checked JSON header of a safetensors file: afterwards every entry lies inside the data, no
/// two overlap, and every byte belongs to one.
///
/// @param entries by name
/// @param metadata the strings under `__metadata__`
record SafetensorsHeader(SortedMap<String, Entry> entries, Map<String, String> metadata) {
  private static final String METADATA = "__metadata__";
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /// @param begin first byte, counted from the end of the header
  /// @param end one after the last byte
  record Entry(StoredType type, List<Long> shape, long begin, long end) {}

  /// @param json the header's text
  /// @param dataBytes how many bytes follow the header
  static SafetensorsHeader parse(Path file, String json, long dataBytes) throws DataException {
    SortedMap<String, Entry> entries = new TreeMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new DataException(file + ": the header is not a JSON object");
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        if (name.equals(METADATA)) {
          readMetadata(file, parser, metadata);
        } else {
          entries.put(name, new EntryReader(file, name, parser).read());
        }
      }
      if (parser.nextToken() != null) {
        throw new DataException(file + ": the header has text after its JSON object");
      }
    } catch (JsonProcessingException e) {
      throw new DataException(file + ": the header is not valid JSON: " + Quote.reason(e), e);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": the header cannot be read: " + e.getMessage(), e);
    }
    requireContiguous(file, entries, dataBytes);
    return new SafetensorsHeader(
        Collections.unmodifiableSortedMap(entries), Collections.unmodifiableMap(metadata));
  }

  private static void readMetadata(Path file, JsonParser parser, Map<String, String> metadata)
      throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new DataException(file + ": __metadata__ in the header is not a JSON object");
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw new DataException(
            file + ": __metadata__ entry " + Quote.of(key) + " is not a string");
      }
      metadata.put(key, parser.getText());
    }
  }

  private static void requireContiguous(Path file, SortedMap<String, Entry> entries, long dataBytes)
      throws DataException {
    List<Map.Entry<String, Entry>> byPosition = new ArrayList<>(entries.entrySet());
    byPosition.sort(
        Comparator.<Map.Entry<String, Entry>>comparingLong(e -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long covered = 0;
    for (Map.Entry<String, Entry> named : byPosition) {
      Entry entry = named.getValue();
      String tensor = file + ": tensor " + Quote.of(named.getKey());
      if (entry.end() > dataBytes) {
        throw new DataException(
            "%s ends at byte %d, but the file has only %d bytes of data; is it truncated?"
                .formatted(tensor, entry.end(), dataBytes));
      }
      if (entry.begin() != covered) {
        throw new DataException(
            "%s begins at byte %d, expected %d: the data %s"
                .formatted(
                    tensor,
                    entry.begin(),
                    covered,
                    entry.begin() < covered ? "overlaps another tensor's" : "has a hole"));
      }
      covered = entry.end();
    }
    if (covered != dataBytes) {
      throw new DataException(
          "%s: the tensors take %d bytes, but %d bytes of data follow the header"
              .formatted(file, covered, dataBytes));
    }
  }

  /// Reads `{"dtype": .., "shape": [..], "data_offsets": [begin, end]}` of one tensor.
  private record EntryReader(Path file, String name, JsonParser parser) {
    Entry read() throws IOException {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw wrong("is not a JSON object in the header");
      }
      String type = "";
      List<Long> shape = List.of();
      List<Long> offsets = List.of();
      int found = 0;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        parser.nextToken();
        switch (key) {
          case "dtype" -> type = string();
          case "shape" -> shape = wholeNumbers("shape");
          case "data_offsets" -> offsets = wholeNumbers("data_offsets");
          default -> throw wrong("has an unknown header field " + Quote.of(key));
        }
        found++;
      }
      if (found != 3) {
        throw wrong("needs dtype, shape and data_offsets in the header");
      }
      return checked(type, shape, offsets);
    }

    private Entry checked(String typeName, List<Long> shape, List<Long> offsets)
        throws DataException {
      StoredType type =
          StoredType.named(typeName)
              .orElseThrow(
                  () ->
                      wrong(
                          "has dtype %s; known are %s"
                              .formatted(Quote.of(typeName), StoredType.known())));
      if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
        throw wrong("has data_offsets " + Quote.line(offsets.toString()) + ", not [begin, end]");
      }
      long stored = offsets.get(1) - offsets.get(0);
      if (bytes(type, shape) != stored) {
        throw wrong(
            "is %s %s, which takes %d bytes, but data_offsets span %d"
                .formatted(type, Quote.line(shape.toString()), bytes(type, shape), stored));
      }
      return new Entry(type, shape, offsets.get(0), offsets.get(1));
    }

    private long bytes(StoredType type, List<Long> shape) throws DataException {
      try {
        return shape.stream().mapToLong(Long::longValue).reduce(type.bytes(), Math::multiplyExact);
      } catch (ArithmeticException e) {
        throw wrong("has a shape too large to exist: " + Quote.line(shape.toString()));
      }
    }

    private String string() throws IOException {
      if (parser.currentToken() != JsonToken.VALUE_STRING) {
        throw wrong("has a dtype that is not a string");
      }
      return parser.getText();
    }

    private List<Long> wholeNumbers(String field) throws IOException {
      if (parser.currentToken() != JsonToken.START_ARRAY) {
        throw wrong("has " + field + " that is not a list");
      }
      List<Long> numbers = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
            || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
            || parser.getLongValue() < 0) {
          throw wrong(
              "has %s with %s, expected whole numbers from 0 to 2^63 - 1"
                  .formatted(field, Quote.of(parser.getText())));
        }
        numbers.add(parser.getLongValue());
      }
      return List.copyOf(numbers);
    }

    private DataException wrong(String reason) {
      return new DataException(file + ": tensor " + Quote.of(name) + " " + reason);
    }
  }
}
