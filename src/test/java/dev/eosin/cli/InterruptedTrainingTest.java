package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.SmallRun;
import dev.eosin.run.folders.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The real program, ended from outside and started again by the same command.
class InterruptedTrainingTest {
  private static final String[] LONGER = {
    "schedule.length=40 steps", "output.checkpoint-every=3 steps"
  };
  private static final String[] ENDLESS = {
    "schedule.length=1_000_000 steps", "output.checkpoint-every=1_000_000 steps", "evaluate=[]"
  };
  private static final int INTERRUPT = 2;
  private static final int LONGEST_START_MILLIS = 1_500;

  @TempDir Path home;

  @Test
  void aRunThatIsKilledAgainAndAgainEndsLikeAnUninterruptedOne() throws Exception {
    SmallRun whole = SmallRun.in(home.resolve("whole"));
    assertThat(TrainProcess.run(whole, LONGER)).isZero();
    SmallRun killed = whole.copyTo(home.resolve("killed"));
    int kills = 0;
    for (long step : List.of(1L, 10L, 23L)) {
      try (TrainProcess process = TrainProcess.start(killed, LONGER)) {
        process.awaitStep(step);
        kills += process.kill() ? 1 : 0;
      }
    }
    try (TrainProcess process = TrainProcess.start(killed, LONGER)) {
      process.awaitUnfinishedCheckpoint();
      kills += process.kill() ? 1 : 0;
    }
    assertThat(kills).isPositive();

    assertThat(TrainProcess.run(killed, LONGER)).isZero();

    killed.assertEndedLike(whole);
    assertASecondRunChangesNothing(killed);
  }

  /// Kills land everywhere: every other one while Java starts, checkpoints are verified and weights
  /// are loaded, the others in steps, in evaluations, in checkpoints; the last one in the export.
  @Test
  void twentyKillsAtRandomMomentsLoseNothing() throws Exception {
    String[] arguments = {"schedule.length=300 steps", "output.checkpoint-every=7 steps"};
    SmallRun whole = SmallRun.in(home.resolve("whole"));
    assertThat(TrainProcess.run(whole, arguments)).isZero();
    SmallRun killed = whole.copyTo(home.resolve("killed"));
    Random random = new Random(20);
    int kills = 0;
    for (int attempt = 0; attempt < 20; attempt++) {
      try (TrainProcess process = TrainProcess.start(killed, arguments)) {
        if (attempt % 2 == 0) {
          Thread.sleep(random.nextInt(LONGEST_START_MILLIS));
        } else {
          process.awaitStep(killed.lastLoggedStep() + random.nextInt(1, 25));
          Thread.sleep(random.nextInt(40));
        }
        kills += process.kill() ? 1 : 0;
      }
    }
    assertThat(kills).isEqualTo(20);
    try (TrainProcess process = TrainProcess.start(killed, arguments)) {
      process.awaitUnfinishedExport();
      process.kill();
    }
    assertThat(TrainProcess.run(killed, arguments)).isZero();
    killed.assertEndedLike(whole);
  }

  private static void assertASecondRunChangesNothing(SmallRun run) throws Exception {
    Map<Path, String> before = files(run.folder());
    try (TrainProcess process = TrainProcess.start(run, LONGER)) {
      assertThat(process.exitCode()).isZero();
      assertThat(process.messages()).contains("is finished; nothing was changed");
    }
    assertThat(files(run.folder())).isEqualTo(before);
  }

  private static Map<Path, String> files(Path folder) throws IOException {
    Map<Path, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.toList()) {
        String size = Files.isRegularFile(file) ? Files.size(file) + " bytes " : "";
        files.put(file, size + Files.getLastModifiedTime(file));
      }
    }
    return files;
  }

  @Test
  void aSignalSavesTheStepReachedAndTheRunGoesOnFromThere() throws Exception {
    SmallRun run = SmallRun.in(home.resolve("signalled"));
    assertEndsWith(run, "TERM", ExitCode.ofSignal(15));
    assertEndsWith(run, "USR1", ExitCode.ofSignal(10));
    InheritedSignals.assumeInterruptIsDelivered();
    assertEndsWith(run, "INT", ExitCode.ofSignal(INTERRUPT));
  }

  private static void assertEndsWith(SmallRun run, String signal, int exitCode) throws Exception {
    long before = run.lastLoggedStep();
    try (TrainProcess process = TrainProcess.start(run, ENDLESS)) {
      process.awaitStep(before + 3);
      process.signal(signal);
      assertThat(process.exitCode()).as(process.messages()).isEqualTo(exitCode);
      long reached = run.lastLoggedStep();
      assertThat(reached).isGreaterThanOrEqualTo(before + 3);
      assertThat(run.checkpointSteps()).last().isEqualTo(reached);
      assertThat(process.messages())
          .contains("SIG" + signal + ": stops after what is at work and saves")
          .contains("stopped after step " + reached + ", saved");
      assertThat(run.rows().stream().map(row -> row.get("step").asLong()))
          .isEqualTo(LongStream.rangeClosed(1, reached).boxed().toList());
    }
  }

  /// Data and weights may take long to open: a signal is answered meanwhile.
  @Test
  void aSignalBeforeTheFirstStepIsAnsweredAndTheBeginningIsSaved() throws Exception {
    SmallRun run = SmallRun.in(home.resolve("begun"));
    try (TrainProcess process = TrainProcess.start(run, ENDLESS)) {
      process.awaitFile("run.lock");
      process.signal("TERM");
      assertThat(process.exitCode()).as(process.messages()).isEqualTo(ExitCode.ofSignal(15));
      long reached = run.lastLoggedStep();
      assertThat(process.messages())
          .contains("SIGTERM: stops after what is at work and saves")
          .contains("stopped after step " + reached + ", saved");
      assertThat(run.checkpointSteps()).containsExactly(reached);
    }
  }

  @Test
  void aRunFolderIsForOneProcess() throws Exception {
    SmallRun run = SmallRun.in(home.resolve("shared"));
    try (RunFolder _ = RunFolder.open(run.folder(), false);
        TrainProcess second = TrainProcess.start(run)) {
      assertThat(second.exitCode()).isEqualTo(ExitCode.DATA);
      assertThat(second.messages()).contains("another process trains in this run folder");
    }
  }
}
