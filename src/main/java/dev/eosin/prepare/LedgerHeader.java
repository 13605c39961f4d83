package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The first line of a ledger: `{"format": "eosin-ledger", "version": 1, "pins": {...}}`.
///
/// @param pins what a later run must find unchanged, by key
record LedgerHeader(Map<String, String> pins) {
  private static final String FORMAT = "eosin-ledger";
  private static final int VERSION = 1;
  private static final int MOST_LISTED = 15;

  LedgerHeader {
    pins = new TreeMap<>(pins);
  }

  ObjectNode json() {
    ObjectNode json = Json.object().put("format", FORMAT).put("version", VERSION);
    pins.forEach(json.putObject("pins")::put);
    return json;
  }

  /// @throws DataException naming every pin that differs
  void requireSame(Path file, JsonNode header) throws DataException {
    if (!header.path("format").asText().equals(FORMAT)) {
      throw notALedger(file);
    }
    if (header.path("version").asInt() != VERSION) {
      throw new DataException(
          "%s: line 1: the ledger's version is %s, expected %d; go on with the version of Eosin that began it"
              .formatted(file, header.path("version"), VERSION));
    }
    List<String> differences = differences(header.path("pins"));
    if (!differences.isEmpty()) {
      throw new DataException(
          "%s: this preparation was begun otherwise; restore what it was, or choose another output folder:%n  %s"
              .formatted(file, String.join(System.lineSeparator() + "  ", differences)));
    }
  }

  private List<String> differences(JsonNode before) {
    Set<String> keys = new TreeSet<>(pins.keySet());
    before.fieldNames().forEachRemaining(keys::add);
    List<String> differences = new ArrayList<>();
    for (String key : keys) {
      String was = before.has(key) ? Quote.of(before.path(key).asText()) : "absent";
      String is = pins.containsKey(key) ? Quote.of(pins.get(key)) : "absent";
      if (!before.path(key).asText().equals(pins.getOrDefault(key, "")) || !was.equals(is)) {
        // A digest tells nobody what to look for.
        String where =
            key.equals("rows") ? "; a key, a value or a column of the rows is another one" : "";
        differences.add("%s: it was %s, now it is %s%s".formatted(key, was, is, where));
      }
    }
    if (differences.size() > MOST_LISTED) {
      int more = differences.size() - MOST_LISTED;
      differences.subList(MOST_LISTED, differences.size()).clear();
      differences.add("and %d more".formatted(more));
    }
    return differences;
  }

  /// @param torn a file's only bytes, without a line end
  /// @throws DataException when they are not the start of this header, but something of others
  void requireStartOf(Path file, byte[] torn) throws DataException {
    ByteBuffer line = LedgerLine.of(Json.bytes(json()));
    if (torn.length > line.limit() || !line.slice(0, torn.length).equals(ByteBuffer.wrap(torn))) {
      throw notALedger(file);
    }
  }

  private static DataException notALedger(Path file) {
    return new DataException(
        file + ": line 1: this is no ledger; choose another output folder, or move the file away");
  }
}
