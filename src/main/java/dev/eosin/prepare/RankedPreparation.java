package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.group.Group;
import dev.eosin.prepare.PreparationReport.End;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// A preparation on one rank of those that share its rows, or on a process alone. The first rank
/// has the folder, the ledger and the outputs; each other one records its rows in a ledger of its
/// own, which the first takes over before it writes.
final class RankedPreparation {
  private final Path folder;
  private final RowPreparation preparation;
  private final PreparationSettings settings;
  private final long seed;
  private final LedgerFile.Storage storage;
  private final Group group;

  RankedPreparation(
      Path folder,
      RowPreparation preparation,
      PreparationSettings settings,
      long seed,
      LedgerFile.Storage storage,
      Group group) {
    this.folder = folder;
    this.preparation = preparation;
    this.settings = settings;
    this.seed = seed;
    this.storage = storage;
    this.group = group;
  }

  /// As [PreparationRun#run(Consumer, BooleanSupplier, Group)].
  PreparationReport run(Consumer<PreparationProgress> progress, BooleanSupplier stop)
      throws DataException {
    try (HeapWatch _ = HeapWatch.start()) {
      return watched(progress, stop);
    }
  }

  private PreparationReport watched(Consumer<PreparationProgress> progress, BooleanSupplier stop)
      throws DataException {
    if (!group.isFirst()) {
      return locked(progress, stop);
    }
    try (FolderLock _ = FolderLock.take(folder)) {
      requireLedgerOfOutputs();
      return locked(progress, stop);
    }
  }

  private PreparationReport locked(Consumer<PreparationProgress> progress, BooleanSupplier stop)
      throws DataException {
    CheckedRows.Whole whole = CheckedRows.check(preparation);
    Map<String, String> pins = pins(whole.fingerprint());
    requireAlike(pins);
    try (Ledger ledger = ledger(whole, pins)) {
      // What the first one adds is not to be read by those that come later.
      group.meet(Group.Work.START_UP);
      return worked(new Begun(whole, pins, ledger), progress, stop);
    }
  }

  /// @param pins of the ledger
  private record Begun(CheckedRows.Whole whole, Map<String, String> pins, Ledger ledger) {}

  private Ledger ledger(CheckedRows.Whole whole, Map<String, String> pins) throws DataException {
    List<String> reasons = RowWork.reasons(preparation);
    Path path = folder.resolve(Outputs.LEDGER);
    if (!group.isFirst()) {
      group.meet(Group.Work.START_UP);
      Path own = RankLedgers.of(path, group.rank());
      return Ledger.beside(path, own, pins, reasons, whole.count(), storage);
    }
    Ledger ledger = Ledger.open(path, pins, reasons, whole.count(), storage);
    try {
      group.meet(Group.Work.START_UP);
      return ledger;
    } catch (RuntimeException | Error e) {
      ledger.close();
      throw e;
    }
  }

  /// Without its ledger everything would be paid for again.
  private void requireLedgerOfOutputs() throws DataException {
    Path ledger = folder.resolve(Outputs.LEDGER);
    Path funnel = folder.resolve(Outputs.FUNNEL);
    if (Files.exists(funnel) && !Files.exists(ledger)) {
      throw new DataException(
          "%s: is missing, but %s is there; restore the ledger, choose another output folder, or remove funnel.json to prepare everything anew"
              .formatted(ledger, funnel));
    }
  }

  private Map<String, String> pins(String fingerprint) {
    Map<String, String> pins = new TreeMap<>(preparation.pins());
    if (pins.put("rows", fingerprint) != null || pins.put("seed", Long.toString(seed)) != null) {
      throw new IllegalStateException("the pins 'rows' and 'seed' are the run's own");
    }
    return pins;
  }

  /// Rows are given by their number: all have to mean the same ones.
  private void requireAlike(Map<String, String> pins) throws DataException {
    List<JsonNode> all = exchange(new LedgerHeader(pins).json());
    for (int rank = 1; rank < all.size(); rank++) {
      ObjectNode first = (ObjectNode) all.getFirst().path("pins");
      JsonNode other = all.get(rank).path("pins");
      for (Map.Entry<String, JsonNode> pin : first.properties()) {
        if (!pin.getValue().equals(other.path(pin.getKey()))) {
          throw new DataException(
              "%s: rank 0 has %s and rank %d has %s; all ranks need the same recipe, data and version of Eosin"
                  .formatted(pin.getKey(), pin.getValue(), rank, other.path(pin.getKey())));
        }
      }
    }
  }

  private PreparationReport worked(
      Begun begun, Consumer<PreparationProgress> progress, BooleanSupplier stop)
      throws DataException {
    Ledger ledger = begun.ledger();
    List<String> notes = new ArrayList<>(ledger.note().stream().toList());
    Optional<End> end = Optional.empty();
    boolean works = ledger.funnel().open() > 0;
    if (works) {
      Budget budget = new Budget(settings.budget(), ledger.spent(), stop);
      RandomKey key = new RandomKey(seed);
      RowWork work =
          new RowWork(preparation, begun.whole(), settings, key, ledger, budget, group, progress);
      work.run();
      List<String> own = new ArrayList<>(work.failed().notes());
      budget.exhausted().map("%s is spent"::formatted).ifPresent(own::add);
      end = Optional.of(together(end(work, budget, stop), own, notes));
    }
    if (group.size() == 1) {
      return concluded(begun, end, notes, stop);
    }
    Optional<PreparationReport> report = Optional.empty();
    if (group.isFirst()) {
      Path path = folder.resolve(Outputs.LEDGER);
      ledger.absorb(path, begun.pins(), works ? ofOthers(path) : RankLedgers.beside(path));
      report = Optional.of(concluded(begun, end, notes, stop));
    }
    group.meet(Group.Work.CHECKPOINT);
    // Of others only the end is told.
    String own = report.map(found -> found.end().name()).orElse("");
    End why = End.valueOf(exchange(Json.object().put("end", own)).getFirst().path("end").asText());
    return report.orElseGet(
        () -> new PreparationReport(why, ledger.funnel(), ledger.spent(), List.of()));
  }

  private List<Path> ofOthers(Path ledger) throws DataException {
    List<Path> all =
        IntStream.range(1, group.size()).mapToObj(rank -> RankLedgers.of(ledger, rank)).toList();
    for (Path file : all) {
      if (!Files.exists(file)) {
        throw new DataException(
            file + ": is not there; output.dir has to lie on a file system that all ranks share");
      }
    }
    return all;
  }

  /// @param end why rows are open, if any are
  private PreparationReport concluded(
      Begun begun, Optional<End> end, List<String> notes, BooleanSupplier stop)
      throws DataException {
    Ledger ledger = begun.ledger();
    Funnel funnel = ledger.funnel();
    if (funnel.open() > 0) {
      return new PreparationReport(end.orElseThrow(), funnel, ledger.spent(), notes);
    }
    if (end.isEmpty()) {
      Optional<Funnel> finished = RowAssembly.finished(folder);
      if (finished.isPresent()) {
        return new PreparationReport(End.UNCHANGED, finished.get(), ledger.spent(), notes);
      }
    }
    Optional<Funnel> written =
        new RowAssembly(folder, preparation, ledger::outcome, begun.whole()).write(stop);
    written.flatMap(Funnel::whyEmpty).ifPresent(notes::add);
    return new PreparationReport(
        written.isPresent() ? End.FINISHED : End.STOPPED,
        written.orElse(funnel),
        ledger.spent(),
        notes);
  }

  private static End end(RowWork work, Budget budget, BooleanSupplier stop) {
    if (work.failed().areTooMany()) {
      return End.FAILING;
    }
    if (budget.exhausted().isPresent()) {
      return End.BUDGET_SPENT;
    }
    return stop.getAsBoolean() ? End.STOPPED : End.ROWS_OPEN;
  }

  /// The first reason of any rank in the order of [#end], and what all noted.
  private End together(End own, List<String> noted, List<String> notes) throws DataException {
    ObjectNode said = Json.object().put("end", own.name());
    ArrayNode lines = said.putArray("notes");
    noted.forEach(lines::add);
    List<JsonNode> all = exchange(said);
    for (int rank = 0; rank < all.size(); rank++) {
      String whose = rank == 0 ? "" : "rank %d: ".formatted(rank);
      all.get(rank).path("notes").forEach(note -> notes.add(whose + note.asText()));
    }
    List<String> ends = all.stream().map(each -> each.path("end").asText()).toList();
    for (End end : List.of(End.FAILING, End.BUDGET_SPENT, End.STOPPED)) {
      if (ends.contains(end.name())) {
        return end;
      }
    }
    return End.ROWS_OPEN;
  }

  private List<JsonNode> exchange(JsonNode own) throws DataException {
    List<JsonNode> all = new ArrayList<>();
    for (byte[] each : group.exchange(Json.bytes(own))) {
      try {
        all.add(Json.value(each, 0, each.length));
      } catch (IOException e) {
        throw new DataException("ranks do not understand each other: " + e.getMessage(), e);
      }
    }
    return all;
  }
}
