package dev.eosin.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.prepare.PreparationReport.End;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What every preparation keeps to: its test extends this one. Whatever happens on the way, the
/// outputs have the bytes of a run that nothing happened to, and no recorded answer is asked again.
public abstract class PreparationContract extends PreparationOnRanks {
  /// The file that a limit of file sizes is met by first, as a pattern: the ledger, unless rows'
  /// steps write larger files.
  protected String firstTooLarge() {
    return Pattern.quote(Outputs.LEDGER);
  }

  @Test
  void aLedgerCutAnywhereGoesOnToTheSameBytes() throws IOException {
    byte[] ledger = Files.readAllBytes(reference.resolve(Outputs.LEDGER));
    for (int length : cuts(ledger)) {
      Path folder = folder();
      Files.createDirectories(folder);
      Files.write(folder.resolve(Outputs.LEDGER), Arrays.copyOf(ledger, length));
      finishes(folder, settings(2));
    }
  }

  /// Around every line end and in the middle of every line; LedgerTest cuts at every byte.
  private static List<Integer> cuts(byte[] ledger) {
    List<Integer> cuts = new ArrayList<>(List.of(0, 1));
    int begin = 0;
    for (int end = LedgerLine.end(ledger, 0, ledger.length);
        end >= 0;
        end = LedgerLine.end(ledger, begin, ledger.length)) {
      cuts.addAll(List.of((begin + end) / 2, end, end + 1));
      begin = end + 1;
    }
    return cuts;
  }

  @Test
  void aRunKilledAtAnyStepGoesOnToTheSameBytes() throws IOException {
    goesOnAfterEveryFault(FaultyStorage.Mode.KILLED);
  }

  @Test
  void aPowerCutAtAnyStepLosesNoAnswerThatWasUsed() throws IOException {
    goesOnAfterEveryFault(FaultyStorage.Mode.POWER_CUT);
  }

  private void goesOnAfterEveryFault(FaultyStorage.Mode mode) throws IOException {
    boolean failed = true;
    for (long last = 0; failed; last++) {
      FaultyStorage storage = new FaultyStorage(mode, last);
      Path folder = folder();
      RowPreparation preparation = preparation(CountedService.outOfOrder(1));
      var run = new PreparationRun(folder, preparation, settings(3), 7, storage);
      try {
        run.run(progress -> {}, () -> false);
      } catch (FaultyStorage.Cut | DataException cut) {
        assertThat(storage.hasFailed()).isTrue();
      }
      failed = storage.hasFailed();
      finishes(folder, settings(2));
    }
  }

  @Test
  void aFullDiskIsSaidAndTheRunGoesOnOnceThereIsRoom() throws IOException {
    for (long last = 0; last < 12; last++) {
      Path folder = folder();
      var storage = new FaultyStorage(FaultyStorage.Mode.FULL, last);
      RowPreparation preparation = preparation(CountedService.prompt());
      var run = new PreparationRun(folder, preparation, settings(3), 7, storage);
      assertThatThrownBy(() -> run.run(progress -> {}, () -> false))
          .isInstanceOf(DataException.class)
          .hasMessageContaining(Outputs.LEDGER)
          .hasMessageContaining("No space left on device");
      finishes(folder, settings(2));
    }
  }

  @Test
  void aKilledProcessGoesOnToTheSameBytes() throws Exception {
    Path folder = folder();
    Files.createDirectories(folder);
    for (long lines : List.of(4, 9)) {
      List<String> before = asked(folder);
      try (PreparationProcess process =
          PreparationProcess.start(getClass(), folder, Optional.empty())) {
        process.awaitLines(lines);
        assertThat(process.kill()).as(process.messages()).isTrue();
      }
      assertThat(asked(folder)).as("each once").isSubsetOf(questions).containsAll(before);
    }
    finishes(folder, settings(2));
  }

  @Test
  void aFileSystemThatIsFullEndsAProcessWithItsReason() throws Exception {
    Path folder = folder();
    Files.createDirectories(folder);
    long limit = Files.size(reference.resolve(Outputs.LEDGER)) / 2 / 512 * 512;
    try (PreparationProcess process =
        PreparationProcess.start(getClass(), folder, Optional.of(limit))) {
      assertThat(process.exitCode()).isNotZero();
      assertThat(process.messages())
          .containsPattern("(?:" + firstTooLarge() + "): cannot be written");
    }
    finishes(folder, settings(2));
  }

  @Test
  void neitherParallelismNorTheOrderOfAnswersChangesAByte() throws IOException {
    for (int parallel : List.of(2, 4, 32)) {
      Path folder = folder();
      CountedService outside = CountedService.outOfOrder(20);
      assertThat(run(folder, outside, settings(parallel), () -> false).end())
          .isEqualTo(End.FINISHED);
      assertThat(outputs(folder)).isEqualTo(expected);
      assertThat(outside.answered()).isEqualTo(questions);
    }
  }

  @Test
  void aRunThatIsToldToStopStopsAndGoesOn() throws IOException {
    Path folder = folder();
    List<String> answered = new ArrayList<>();
    for (long looks = 0; !Files.exists(folder.resolve(Outputs.FUNNEL)); looks++) {
      CountedService outside = CountedService.prompt();
      long[] left = {looks};
      BooleanSupplier stop =
          () -> {
            synchronized (left) {
              return left[0]-- <= 0;
            }
          };
      PreparationReport report = run(folder, outside, settings(2), stop);
      assertThat(report.end()).isIn(End.STOPPED, End.FINISHED);
      answered.addAll(outside.answered());
      assertThat(asked(folder)).containsExactlyInAnyOrderElementsOf(answered);
    }
    assertThat(answered).containsExactlyInAnyOrderElementsOf(questions);
    assertThat(outputs(folder)).isEqualTo(expected);
  }

  @Test
  void aBudgetIsNeverExceededAndGoesOnWhenItIsRaised() throws IOException {
    Path folder = folder();
    for (long calls = 0; calls <= questions.size(); calls++) {
      CountedService outside = CountedService.prompt();
      Limits limits =
          new Limits(Optional.of(calls), Optional.empty(), Optional.empty(), Optional.empty());
      var settings = new PreparationSettings(4, Failed.OPEN, 50, limits);
      PreparationReport report = run(folder, outside, settings, () -> false);
      assertThat(report.spent().calls()).isEqualTo(calls);
      assertThat(outside.calls()).isEqualTo(Math.min(calls, 1));
      assertThat(report.end())
          .isEqualTo(calls < questions.size() ? End.BUDGET_SPENT : End.FINISHED);
      assertThat(report.funnel().open() == 0).isEqualTo(calls == questions.size());
    }
    assertThat(outputs(folder)).isEqualTo(expected);
  }

  @Test
  void rowsThatFailStayOpenAndAreDoneByALaterRun() throws IOException {
    Path folder = folder();
    CountedService outside = CountedService.failingFirst();
    RowPreparation preparation = preparation(outside);
    PreparationReport report;
    do {
      report =
          new PreparationRun(folder, preparation, settings(2), 7, FaultyStorage.none())
              .run(progress -> {}, () -> false);
      boolean open = report.end() == End.ROWS_OPEN;
      assertThat(open || report.end() == End.FINISHED).isTrue();
      assertThat(Files.exists(folder.resolve(Outputs.FUNNEL))).isNotEqualTo(open);
      assertThat(report.funnel().open() > 0).isEqualTo(open);
      assertThat(report.notes().isEmpty()).isNotEqualTo(open);
    } while (report.end() != End.FINISHED);
    assertThat(outside.answered()).isEqualTo(questions);
    assertThat(outputs(folder)).isEqualTo(expected);
  }

  @Test
  void aFinishedPreparationIsLeftAsItIs() throws IOException {
    Map<Path, String> before = files(reference);
    CountedService outside = CountedService.prompt();
    PreparationReport report = run(reference, outside, settings(3), () -> false);
    assertThat(report.end()).isEqualTo(End.UNCHANGED);
    assertThat(report.funnel().open()).isZero();
    assertThat(outside.calls()).isZero();
    assertThat(files(reference)).isEqualTo(before);
    Files.delete(reference.resolve(Outputs.REJECTS));
    assertThat(run(reference, outside, settings(3), () -> false).end()).isEqualTo(End.FINISHED);
    assertThat(outside.calls()).isZero();
    assertThat(outputs(reference)).isEqualTo(expected);
  }

  @Test
  void everyRejectKeepsItsRowAndReasonAndTheFunnelAddsUp() throws IOException {
    RowPreparation preparation = preparation(CountedService.prompt());
    JsonNode funnel = Json.object(expected.getOrDefault(Outputs.FUNNEL, ""), Outputs.FUNNEL);
    List<Row> rows = new ArrayList<>();
    try (Rows pass = preparation.rows()) {
      for (var row = pass.next(); row.isPresent(); row = pass.next()) {
        rows.add(row.get());
      }
    }
    assertThat(funnel.path("rows").asInt()).isEqualTo(rows.size());
    Map<String, Long> counted = new TreeMap<>();
    int last = -1;
    for (String line : expected.getOrDefault(Outputs.REJECTS, "").lines().toList()) {
      JsonNode reject = Json.object(line, Outputs.REJECTS);
      int position = reject.path("row").asInt(-1);
      assertThat(position).isGreaterThan(last);
      assertThat(reject.path("key").asText()).isEqualTo(rows.get(position).key());
      counted.merge(reject.path("reason").asText(), 1L, Long::sum);
      last = position;
    }
    assertThat(counted).isNotEmpty();
    assertThat(preparation.reasons()).containsAll(counted.keySet());
    long left = rows.size();
    for (JsonNode step : funnel.path("funnel")) {
      long rejected = counted.getOrDefault(step.path("reason").asText(), 0L);
      left -= rejected;
      assertThat(step.path("rejected").asLong()).isEqualTo(rejected);
      assertThat(step.path("left").asLong()).isEqualTo(left);
    }
    assertThat(funnel.path("kept").asLong()).isEqualTo(left);
    assertThat(funnel.path("open").asLong()).isZero();
  }

  @Test
  void twoProcessesCannotPrepareIntoOneFolder() throws IOException {
    try (FolderLock _ = FolderLock.take(reference)) {
      assertThatThrownBy(() -> run(reference, CountedService.prompt(), settings(1), () -> false))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
  }

  @Test
  void aPreparationThatWasBegunOtherwiseIsRefused() throws IOException {
    Map<Path, String> before = files(reference);
    RowPreparation same = preparation(CountedService.prompt());
    for (String key : same.pins().keySet()) {
      Map<String, String> pins = new TreeMap<>(same.pins());
      pins.merge(key, " otherwise", String::concat);
      refuses(new OtherPreparation(same, pins, 0), 7, key + ": it was ");
    }
    refuses(new OtherPreparation(same, Map.of(), 0), 7, "now it is absent");
    refuses(new OtherPreparation(same, same.pins(), 1), 7, "rows: it was ");
    refuses(same, 8, "seed: it was '7', now it is '8'");
    assertThat(files(reference)).isEqualTo(before);
  }

  private void refuses(RowPreparation preparation, long seed, String message) {
    var run = new PreparationRun(reference, preparation, settings(1), seed, FaultyStorage.none());
    assertThatThrownBy(() -> run.run(progress -> {}, () -> false))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(message);
  }

  /// Bytes and time of every file but the lock.
  private static Map<Path, String> files(Path folder) throws IOException {
    Map<Path, String> found = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (file.endsWith(FolderLock.NAME)) {
          continue;
        }
        found.put(
            file,
            Files.getLastModifiedTime(file) + " " + Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return found;
  }
}
