package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.SmallRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The real program where the system refuses to write on in the middle of a file, as a full disk
/// does: here by a limit on the size of files, which needs no disk of its own.
@EnabledOnOs(OS.LINUX)
class FullDiskTest {
  private static final String[] LONGER = {
    "schedule.length=40 steps", "output.checkpoint-every=1_000 steps"
  };
  private static final int MIDDLE = 30;
  private static final long LESS_THAN_A_MODEL_BYTES = 4 << 20;
  private static final long LESS_THAN_A_PICTURE_BYTES = 16 << 10;

  @TempDir static Path home;
  private static SmallRun whole;

  @BeforeAll
  static void trainInOneGo() throws IOException {
    whole = SmallRun.in(home.resolve("whole"));
    whole.train(LONGER);
  }

  private static SmallRun stoppedInTheMiddle(String name) throws IOException {
    SmallRun run = whole.copyTo(home.resolve(name));
    run.train(MIDDLE, new SmallRun.Notes(), LONGER);
    return run;
  }

  /// One line that names the file, and the exit code of data.
  private static void assertRefused(SmallRun run, long bytes, String what, String... arguments)
      throws Exception {
    try (TrainProcess process = TrainProcess.startLimited(bytes, run, arguments)) {
      assertThat(process.exitCode()).as(process.messages()).isEqualTo(ExitCode.DATA);
      List<String> complaints =
          process.messages().lines().filter(line -> line.startsWith("eosin: ")).toList();
      assertThat(complaints).hasSize(1);
      assertThat(complaints.getFirst())
          .startsWith("eosin: " + run.folder().resolve(what))
          .endsWith("cannot be written: File too large");
      assertThat(process.messages()).doesNotContain("\tat ");
    }
    try (Stream<Path> all = Files.walk(run.folder())) {
      assertThat(all).noneMatch(file -> file.getFileName().toString().endsWith(".partial"));
    }
  }

  @Test
  void aCheckpointThatFindsNoRoomLeavesTheOlderOnes() throws Exception {
    SmallRun run = stoppedInTheMiddle("checkpoint");
    assertRefused(
        run, LESS_THAN_A_MODEL_BYTES, "checkpoints/step-00000040/model.safetensors", LONGER);
    assertThat(run.checkpointSteps()).containsExactly((long) MIDDLE);
    run.train(LONGER);
    run.assertEndedLike(whole);
  }

  @Test
  void aLogThatFindsNoRoomEndsTheRunAndLosesNoRow() throws Exception {
    SmallRun run = stoppedInTheMiddle("log");
    long almostNow = Files.size(run.folder().resolve("log.jsonl")) + 512;
    assertRefused(run, almostNow, "log.jsonl: the log", LONGER);
    assertThat(run.checkpointSteps()).containsExactly((long) MIDDLE);
    run.train(LONGER);
    run.assertEndedLike(whole);
  }

  @Test
  void curvesThatFindNoRoomEndTheRun() throws Exception {
    SmallRun run = whole.copyTo(home.resolve("curves"));
    String[] arguments = {LONGER[0], LONGER[1], "logging.tensorboard=true"};
    assertRefused(run, LESS_THAN_A_PICTURE_BYTES, "tensorboard/events.out", arguments);
    run.train(LONGER);
    run.assertEndedLike(whole);
  }

  @Test
  void anExportThatFindsNoRoomIsWrittenByTheNextCall() throws Exception {
    SmallRun run = whole.copyTo(home.resolve("export"));
    run.train(LONGER);
    FileUtils.deleteDirectory(run.folder().resolve("final").toFile());
    assertRefused(run, LESS_THAN_A_MODEL_BYTES, "final/", LONGER);
    assertThat(run.folder().resolve("final")).doesNotExist();
    assertThat(run.checkpointSteps()).last().isEqualTo(40L);
    run.train(LONGER);
    run.assertEndedLike(whole);
  }
}
