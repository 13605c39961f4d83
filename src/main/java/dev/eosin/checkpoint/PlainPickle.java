package dev.eosin.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Pickled data without any class: lists, tuples, dictionaries, texts and numbers, as JSON would
/// hold them. Anything else is refused by its name, and nothing is run.
public final class PlainPickle {
  private static final int DEEPEST = 16;
  // A pickle may name one container many times; as a tree it would outgrow any memory.
  private static final int MOST_VALUES = 20_000_000;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private int values;

  private PlainPickle() {}

  /// None, bytes and whole numbers of more than 64 bits become null; a dictionary keeps the entries
  /// whose keys are texts.
  ///
  /// @throws DataException naming the file and what in it is refused
  public static JsonNode read(Path path) throws DataException {
    try {
      MemorySegment bytes = MemorySegment.ofArray(Files.readAllBytes(path));
      PickleBytes pickle = new PickleBytes(bytes);
      Pickled root = new PickleReader(pickle, TorchObjects.PLAIN).read();
      return new PlainPickle().node(root, 0);
    } catch (MalformedFile e) {
      throw new DataException(
          "%s: %s; save the data as JSON, or pickle plain lists, dictionaries, texts and numbers"
              .formatted(path, e.getMessage()),
          e);
    } catch (IOException e) {
      throw new DataException(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private JsonNode node(Pickled value, int depth) throws MalformedFile {
    if (depth > DEEPEST) {
      throw new MalformedFile("the pickle nests containers more than %d deep".formatted(DEEPEST));
    }
    if (++values > MOST_VALUES) {
      throw new MalformedFile("the pickle holds more than %d values".formatted(MOST_VALUES));
    }
    return switch (value) {
      case Pickled.Plain.IGNORED -> NODES.nullNode();
      case Pickled.Whole(long number) -> NODES.numberNode(number);
      case Pickled.Real(double number) -> NODES.numberNode(number);
      case Pickled.Text(String text) -> NODES.textNode(text);
      case Pickled.Items items -> list(items, depth);
      case Pickled.Mapping mapping -> dictionary(mapping, depth);
      case Pickled.Global(String name) -> throw refused(name);
      case Pickled.Foreign object -> throw refused(object.name());
      case Pickled.Storage _, Pickled.Tensor _, Pickled.Quantised _, Pickled.Module _ ->
          throw refused("a tensor");
    };
  }

  private ArrayNode list(Pickled.Items items, int depth) throws MalformedFile {
    ArrayNode list = NODES.arrayNode(items.values().size());
    for (Pickled one : items.values()) {
      list.add(node(one, depth + 1));
    }
    return list;
  }

  private ObjectNode dictionary(Pickled.Mapping mapping, int depth) throws MalformedFile {
    ObjectNode dictionary = NODES.objectNode();
    for (Map.Entry<String, Pickled> entry : mapping.values().entrySet()) {
      dictionary.set(entry.getKey(), node(entry.getValue(), depth + 1));
    }
    return dictionary;
  }

  private static MalformedFile refused(String name) {
    return new MalformedFile("the pickle holds %s, no plain value".formatted(Quote.of(name)));
  }
}
