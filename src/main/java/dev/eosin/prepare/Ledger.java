package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.prepare.RowPreparation.Outcome;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What is known of every row: the steps taken, and the outcome once it has one. `docs/formats.md`
/// specifies the file. Thread safe.
///
/// In memory are 8 bytes a row, and a number for each step of the rows that an earlier run began
/// and did not end.
final class Ledger implements AutoCloseable {
  private static final long NONE = -1;

  private final LedgerFile file;
  // Another one where this rank only reads what was recorded before.
  private final LedgerFile added;
  private final List<String> reasons;
  private final long[] outcomes;
  private final Map<Integer, List<Long>> begun = new HashMap<>();
  private final SortedMap<String, Long> rejected = new TreeMap<>();
  private long kept;
  private Cost spent = Cost.NONE;
  private Optional<String> note = Optional.empty();

  private Ledger(LedgerFile file, LedgerFile added, List<String> reasons, int rows) {
    this.file = file;
    this.added = added;
    this.reasons = List.copyOf(reasons);
    outcomes = new long[rows];
    Arrays.fill(outcomes, NONE);
  }

  /// Opens the ledger of a folder, or begins one. It takes over what ranks of an earlier run left
  /// beside it.
  ///
  /// @param pins what must be as it was when the ledger was begun
  /// @param reasons for which rows may be rejected, in the funnel's order
  /// @throws DataException when it was begun with other pins, naming each; or it is damaged
  static Ledger open(
      Path path,
      Map<String, String> pins,
      List<String> reasons,
      int rows,
      LedgerFile.Storage storage)
      throws DataException {
    LedgerFile file = LedgerFile.open(path, storage);
    try {
      Ledger ledger = new Ledger(file, file, reasons, rows);
      ledger.load(path, new LedgerHeader(pins));
      ledger.absorb(path, pins, RankLedgers.beside(path));
      return ledger;
    } catch (DataException e) {
      file.close();
      throw e;
    }
  }

  /// Opens the ledger of a folder on another rank than the first, which has opened it before: this
  /// one reads it, and records in a file of its own, which is begun anew.
  ///
  /// @param own the file of this rank, as [RankLedgers#of]
  static Ledger beside(
      Path path,
      Path own,
      Map<String, String> pins,
      List<String> reasons,
      int rows,
      LedgerFile.Storage storage)
      throws DataException {
    LedgerFile file = LedgerFile.toRead(path, storage);
    try {
      LedgerFile added = LedgerFile.open(own, storage);
      Ledger ledger = new Ledger(file, added, reasons, rows);
      try {
        LedgerHeader header = new LedgerHeader(pins);
        ledger.scan(path, header);
        ledger.begin(own, header);
        return ledger;
      } catch (DataException e) {
        added.close();
        throw e;
      }
    } catch (DataException e) {
      file.close();
      throw e;
    }
  }

  private LedgerScan.Found scan(Path path, LedgerHeader header) throws DataException {
    return LedgerScan.scan(
        path,
        (record, line, offset) -> {
          if (line == 1) {
            header.requireSame(path, record);
          } else {
            take(record, offset);
          }
        });
  }

  private void begin(Path path, LedgerHeader header) throws DataException {
    added.continueAt(0);
    added.sync(added.append(Json.bytes(header.json())));
    syncFolder(path);
  }

  private void load(Path path, LedgerHeader header) throws DataException {
    LedgerScan.Found found = scan(path, header);
    if (found.lines() == 0) {
      header.requireStartOf(path, found.torn());
      begin(path, header);
      return;
    }
    file.continueAt(found.length());
    if (found.torn().length > 0) {
      note =
          Optional.of(
              "%s: cut off the %d bytes from byte %d of line %d, a record that was not written to its end"
                  .formatted(path, found.torn().length, found.length(), found.lines() + 1));
    }
  }

  /// Takes over what other ranks recorded, and removes their files. What is here already is left,
  /// so that a run that is killed meanwhile does it again.
  ///
  /// @param path of this ledger
  /// @param others files of other ranks, of the same pins
  void absorb(Path path, Map<String, String> pins, List<Path> others) throws DataException {
    LedgerHeader header = new LedgerHeader(pins);
    for (Path other : others) {
      LedgerScan.scan(
          other,
          (record, line, offset) -> {
            if (line == 1) {
              header.requireSame(other, record);
            } else if (isNew(record)) {
              take(record, added.append(Json.bytes(record)));
            }
          });
    }
    if (!others.isEmpty()) {
      added.syncAll();
      RankLedgers.remove(others);
      syncFolder(path);
    }
  }

  private boolean isNew(JsonNode record) throws IOException {
    int row = number(record);
    boolean stepped =
        record.has("step")
            && begun.containsKey(row)
            && steps(row, record.path("key").asText()).containsKey(record.path("step").asText());
    return outcomes[row] == NONE && !stepped;
  }

  /// The folder that it lies in.
  Path folder() {
    return file.folder();
  }

  private static void syncFolder(Path path) throws DataException {
    Path folder = path.toAbsolutePath().getParent();
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be synced: " + AtomicFile.reason(e), e);
    }
  }

  private void take(JsonNode record, long offset) throws IOException {
    int row = number(record);
    if (outcomes[row] != NONE) {
      throw new IOException("row %d goes on after its outcome".formatted(row));
    }
    if (record.has("step")) {
      begun.computeIfAbsent(row, unknown -> new ArrayList<>()).add(offset);
      if (record.has("cost")) {
        spent = spent.plus(cost(record));
      }
    } else if (record.has("kept") || record.path("rejected").isTextual()) {
      begun.remove(row);
      outcomes[row] = offset;
      count(record);
    } else {
      throw new IOException(
          "it is neither a step nor an outcome; a newer version may have written it");
    }
  }

  private int number(JsonNode record) throws IOException {
    JsonNode number = record.path("row");
    if (!number.canConvertToInt()
        || number.intValue() < 0
        || number.intValue() >= outcomes.length) {
      throw new IOException("the row %s, expected 0 to %d".formatted(number, outcomes.length - 1));
    }
    return number.intValue();
  }

  private static Cost cost(JsonNode step) throws IOException {
    try {
      return Cost.of(step.path("cost"));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void count(JsonNode outcome) {
    if (outcome.has("kept")) {
      kept++;
    } else {
      rejected.merge(outcome.path("rejected").asText(), 1L, Long::sum);
    }
  }

  /// What was repaired when the ledger was opened.
  Optional<String> note() {
    return note;
  }

  synchronized boolean isDone(int row) {
    return outcomes[row] != NONE;
  }

  /// Of the rows that have an outcome.
  synchronized Funnel funnel() {
    return Funnel.of(outcomes.length, reasons, rejected, kept);
  }

  /// What the recorded answers cost.
  synchronized Cost spent() {
    return spent;
  }

  /// The steps that earlier runs recorded of a row that has no outcome, by name.
  Map<String, JsonNode> steps(int row, String key) throws DataException {
    List<Long> offsets;
    synchronized (this) {
      offsets = List.copyOf(begun.getOrDefault(row, List.of()));
    }
    Map<String, JsonNode> steps = new HashMap<>();
    for (long offset : offsets) {
      JsonNode step = of(key, file.read(offset));
      steps.put(step.path("step").asText(), step);
    }
    return steps;
  }

  /// The outcome of a row that has one.
  Outcome outcome(int row, String key) throws DataException {
    long offset;
    synchronized (this) {
      offset = outcomes[row];
    }
    JsonNode record = of(key, file.read(offset));
    return record.has("kept")
        ? new Outcome.Kept(record.path("kept"))
        : new Outcome.Rejected(record.path("rejected").asText(), record.path("detail").asText());
  }

  private static JsonNode of(String key, JsonNode record) throws DataException {
    if (record.path("key").asText().equals(key)) {
      return record;
    }
    throw new DataException(
        "row %s has the key %s, and %s in the ledger: the rows changed while they were prepared; restore them"
            .formatted(record.path("row"), Quote.of(key), record.path("key")));
  }

  /// Records an answer; it is durable when this returns.
  ///
  /// @return the answer as it will be read back
  JsonNode answered(int row, String key, String step, JsonNode request, JsonNode answer, Cost cost)
      throws IOException {
    ObjectNode record = of(row, key).put("step", step);
    record.set("cost", cost.json());
    record.set("request", request);
    byte[] json = Json.bytes(record.set("answer", answer));
    long offset = added.append(json);
    synchronized (this) {
      spent = spent.plus(cost);
    }
    added.sync(offset);
    return Json.value(json, 0, json.length).path("answer");
  }

  /// Records what was computed; it is durable soon.
  ///
  /// @return the result as it will be read back
  JsonNode computed(int row, String key, String step, JsonNode result) throws IOException {
    byte[] json = Json.bytes(of(row, key).put("step", step).set("result", result));
    added.append(json);
    return Json.value(json, 0, json.length).path("result");
  }

  /// Records what became of a row; it is durable soon.
  void ended(int row, String key, Outcome outcome) throws DataException {
    ObjectNode record = of(row, key);
    switch (outcome) {
      case Outcome.Kept(JsonNode result) -> record.set("kept", result);
      case Outcome.Rejected(String reason, String detail) ->
          record.put("rejected", reason).put("detail", detail);
    }
    long offset = added.append(Json.bytes(record));
    synchronized (this) {
      outcomes[row] = offset;
      count(record);
    }
  }

  private static ObjectNode of(int row, String key) {
    return Json.object().put("row", row).put("key", key);
  }

  /// Makes everything durable.
  void sync() throws DataException {
    added.syncAll();
  }

  @Override
  public void close() throws DataException {
    try {
      added.close();
    } finally {
      file.close();
    }
  }
}
