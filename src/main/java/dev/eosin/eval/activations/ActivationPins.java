package dev.eosin.eval.activations;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.file.FileDigest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeSet;

/// What states depend on, by name.
public final class ActivationPins {
  private ActivationPins() {}

  public static ObjectNode json(SortedMap<String, String> pins) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    pins.forEach(json::put);
    return json;
  }

  /// One digest of all of them.
  public static String fingerprint(SortedMap<String, String> pins) throws IOException {
    var digest = new FileDigest.Stream(OutputStream.nullOutputStream());
    digest.write(json(pins).toString().getBytes(StandardCharsets.UTF_8));
    return digest.digest().sha256();
  }

  /// What differs from those of before, in words.
  public static List<String> differences(JsonNode before, SortedMap<String, String> pins) {
    var names = new TreeSet<>(pins.keySet());
    before.fieldNames().forEachRemaining(names::add);
    List<String> differ = new ArrayList<>();
    for (String name : names) {
      String was = before.path(name).asText("nothing");
      String is = pins.getOrDefault(name, "nothing");
      if (!was.equals(is)) {
        differ.add("%s was %s and is %s".formatted(name, Quote.of(was), Quote.of(is)));
      }
    }
    return differ;
  }
}
