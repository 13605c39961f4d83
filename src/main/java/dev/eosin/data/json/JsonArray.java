package dev.eosin.data.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.data.OneLine;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Reads an array of JSON objects from start to end, one record in memory at a time.
public final class JsonArray {
  private static final int KEYS_SHOWN = 10;

  private final Path path;
  private final JsonParser parser;
  private final JsonFile.RecordConsumer records;
  private long count;

  private JsonArray(Path path, JsonParser parser, JsonFile.RecordConsumer records) {
    this.path = path;
    this.parser = parser;
    this.records = records;
  }

  /// @param key where the array is, from the outermost object, with dots between nested keys; empty
  ///   where the file is the array
  /// @throws DataException naming the line from which the file is no such array
  public static void scan(Path path, Optional<String> key, JsonFile.RecordConsumer records)
      throws DataException {
    try (InputStream in = Files.newInputStream(path);
        JsonParser parser = JsonFile.parser(in)) {
      new JsonArray(path, parser, records).scan(key);
    } catch (DataException e) {
      throw e;
    } catch (JsonProcessingException e) {
      String line =
          e.getLocation() == null ? "" : "line %d ".formatted(e.getLocation().getLineNr());
      throw new DataException(
          "%s: %sis not JSON: %s; expected an array of objects"
              .formatted(path, line, JsonFile.reason(e)),
          e);
    } catch (IOException e) {
      throw new DataException(path + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private void scan(Optional<String> key) throws IOException {
    Deque<String> keys =
        new ArrayDeque<>(key.map(k -> Arrays.asList(k.split("\\."))).orElse(Arrays.asList()));
    @Nullable JsonToken first = parser.nextToken();
    if (first == null) {
      throw new DataException(path + ": the file is empty; expected an array of objects");
    }
    if (parser.currentTokenLocation().getByteOffset() < 0) {
      throw new DataException(path + ": is not UTF-8 text; save it as UTF-8");
    }
    value(keys);
    if (parser.nextToken() != null) {
      throw new DataException(
          "%s: line %d: something follows after the end; a file of one object a line takes"
                  .formatted(path, parser.currentTokenLocation().getLineNr())
              + " type: jsonl");
    }
  }

  /// Reads the value that begins with the current token.
  private void value(Deque<String> keys) throws IOException {
    @Nullable String key = keys.poll();
    if (key == null) {
      array();
    } else if (parser.currentToken() == JsonToken.START_OBJECT) {
      object(key, keys);
    } else {
      throw new DataException(
          "%s: is no object with the key '%s' (records)".formatted(path, key)
              + (parser.currentToken() == JsonToken.START_ARRAY ? "; leave records out" : ""));
    }
  }

  private void object(String key, Deque<String> keys) throws IOException {
    Set<String> others = new TreeSet<>();
    boolean found = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals(key) && !found) {
        found = true;
        value(keys);
      } else {
        others.add(name);
        parser.skipChildren();
      }
    }
    if (!found) {
      throw new DataException(
          "%s: no key '%s' (records); the keys are: %s"
              .formatted(
                  path,
                  key,
                  OneLine.of(String.join(", ", others.stream().limit(KEYS_SHOWN).toList()))));
    }
  }

  private void array() throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new DataException(
          parser.currentToken() == JsonToken.START_OBJECT
              ? path
                  + ": is an object, not an array; set records to the key of its array, or"
                  + " type: jsonl for one object a line"
              : "%s: line %d: expected an array of objects"
                  .formatted(path, parser.currentTokenLocation().getLineNr()));
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      element();
    }
  }

  private void element() throws IOException {
    count++;
    long start = parser.currentTokenLocation().getByteOffset();
    int line = parser.currentTokenLocation().getLineNr();
    JsonNode record = parser.readValueAsTree();
    if (!record.isObject()) {
      throw new DataException(
          "%s: line %d: record %d is %s; expected an object, such as {\"image\": \"a.png\", ...}"
              .formatted(path, line, count, JsonFields.kind(record)));
    }
    long length = parser.currentLocation().getByteOffset() - start;
    records.accept(record, count, start, Math.toIntExact(length));
  }
}
