package dev.eosin.prepare;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.group.LocalRanks;
import dev.eosin.prepare.PreparationReport.End;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.prepare.RowSteps.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// That ranks share the rows of a preparation and change no byte, and what a run that nothing
/// happens to leaves: the first part of the [PreparationContract].
abstract class PreparationOnRanks {
  @TempDir Path scratch;

  Path reference;
  Map<String, String> expected;
  List<String> questions;
  private int folders;

  /// A preparation of about ten rows, some of which are rejected.
  ///
  /// @param outside wraps whatever service the preparation asks
  protected abstract RowPreparation preparation(UnaryOperator<Service> outside);

  static PreparationSettings settings(int parallel) {
    return new PreparationSettings(parallel, Failed.OPEN, 50, Limits.NONE);
  }

  @BeforeEach
  void runWithoutInterruption() throws IOException {
    reference = scratch.resolve("reference");
    CountedService outside = CountedService.prompt();
    PreparationReport report = run(reference, outside, settings(1), () -> false);
    assertThat(report.end()).isEqualTo(End.FINISHED);
    expected = outputs(reference);
    questions = outside.answered();
    assertThat(asked(reference)).isEqualTo(questions);
  }

  /// More ranks than rows, too.
  @Test
  void ranksShareTheRowsAndChangeNoByte() throws Exception {
    for (int ranks : List.of(2, 3, 17)) {
      Path folder = folder();
      List<String> answered = Collections.synchronizedList(new ArrayList<>());
      List<End> ends = onRanks(ranks, folder, answered, Optional.empty());
      assertThat(ends).hasSize(ranks).containsOnly(End.FINISHED);
      assertThat(outputs(folder)).isEqualTo(expected);
      assertThat(answered).containsExactlyInAnyOrderElementsOf(questions);
      assertThat(asked(folder)).isEqualTo(questions);
      assertThat(onRanks(ranks, folder, answered, Optional.empty())).containsOnly(End.UNCHANGED);
      assertThat(outputs(folder)).isEqualTo(expected);
    }
  }

  /// Rank 1 ends at its first row, before or after it asked, as if it were killed; other ranks go
  /// on, or one process does.
  @Test
  void aLostRankLosesNoAnswerThatWasRecorded() throws Exception {
    for (LostPreparation.When when : LostPreparation.When.values()) {
      Path folder = folder();
      List<String> answered = Collections.synchronizedList(new ArrayList<>());
      assertThatThrownBy(() -> onRanks(3, folder, answered, Optional.of(when)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("lost");
      if (when == LostPreparation.When.BEFORE_ITS_STEPS) {
        assertThat(onRanks(2, folder, answered, Optional.empty())).containsOnly(End.FINISHED);
      } else {
        CountedService outside = CountedService.prompt();
        assertThat(run(folder, outside, settings(2), () -> false).end()).isEqualTo(End.FINISHED);
        answered.addAll(outside.answered());
      }
      assertThat(answered).containsExactlyInAnyOrderElementsOf(questions);
      assertThat(outputs(folder)).isEqualTo(expected);
    }
  }

  @Test
  void aSignalToOneRankStopsAllOfThem() throws Exception {
    Path folder = folder();
    List<End> ends =
        LocalRanks.run(
            3,
            group ->
                new PreparationRun(
                        folder,
                        preparation(CountedService.prompt()),
                        settings(1),
                        7,
                        FaultyStorage.none())
                    .run(progress -> {}, () -> group.rank() == 2, group)
                    .end());
    assertThat(ends).containsOnly(End.STOPPED);
    finishes(folder, settings(2));
  }

  private List<End> onRanks(
      int ranks, Path folder, List<String> answered, Optional<LostPreparation.When> lost)
      throws Exception {
    return LocalRanks.run(
        ranks,
        group -> {
          CountedService outside = CountedService.prompt();
          RowPreparation own = preparation(outside);
          RowPreparation mine =
              group.rank() == 1 && lost.isPresent() ? new LostPreparation(own, lost.get()) : own;
          try {
            return new PreparationRun(folder, mine, settings(1), 7, FaultyStorage.none())
                .run(progress -> {}, () -> false, group)
                .end();
          } finally {
            answered.addAll(outside.answered());
          }
        });
  }

  /// Runs to the end: what is recorded and what is asked now are together what is asked at all.
  void finishes(Path folder, PreparationSettings settings) throws IOException {
    List<String> recorded = asked(folder);
    CountedService outside = CountedService.prompt();
    assertThat(run(folder, outside, settings, () -> false).end()).isIn(End.FINISHED, End.UNCHANGED);
    assertThat(Stream.concat(recorded.stream(), outside.answered().stream()).sorted())
        .isEqualTo(questions);
    assertThat(outputs(folder)).isEqualTo(expected);
  }

  PreparationReport run(
      Path folder, CountedService outside, PreparationSettings settings, BooleanSupplier stop)
      throws DataException {
    RowPreparation preparation = preparation(outside);
    PreparationReport report =
        new PreparationRun(folder, preparation, settings, 7, FaultyStorage.none())
            .run(progress -> {}, stop);
    Funnel funnel = report.funnel();
    assertThat(funnel.kept() + funnel.allRejected() + funnel.open()).isEqualTo(funnel.rows());
    return report;
  }

  Path folder() {
    return scratch.resolve("run-" + folders++);
  }

  /// The requests whose answers are recorded, sorted.
  static List<String> asked(Path folder) throws IOException {
    Path ledger = folder.resolve(Outputs.LEDGER);
    List<String> asked = new ArrayList<>();
    if (Files.exists(ledger)) {
      LedgerScan.scan(
          ledger,
          (record, line, offset) -> {
            if (record.has("request")) {
              asked.add(record.path("request").toString());
            }
          });
    }
    return asked.stream().sorted().toList();
  }

  /// Every file but the ledger and the lock, by name.
  static Map<String, String> outputs(Path folder) throws IOException {
    Map<String, String> outputs = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString();
        if (!name.equals(Outputs.LEDGER) && !name.equals(FolderLock.NAME)) {
          // Latin-1 keeps every byte of what is no text apart.
          boolean text = name.endsWith("json") || name.endsWith("jsonl");
          outputs.put(name, Files.readString(file, text ? UTF_8 : ISO_8859_1));
        }
      }
    }
    return outputs;
  }
}
