package dev.eosin.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RankRecordsTest {
  @TempDir Path folder;

  private static CollectiveLog log(int collectives, String last) {
    var log = new CollectiveLog(() -> Instant.ofEpochSecond(1000));
    for (int i = 1; i < collectives; i++) {
      log.begins("sum", "float32 [3]", 12);
      log.ends();
    }
    log.begins(last, "float32 [3]", 12);
    return log;
  }

  @Test
  void theRankThatIsFurthestBehindIsNamed() throws Exception {
    var records = new RankRecords(folder, 4);
    CollectiveLog own = log(9, "sum");
    assertThat(records.firstThatDiverged(0, own)).isEqualTo("rank 1 has left no record");
    records.write(1, log(9, "sum"));
    records.write(2, log(5, "gather"));
    records.write(3, log(7, "sum"));
    assertThat(records.firstThatDiverged(0, own))
        .isEqualTo("rank 2 diverged first: it was in collective 5 (gather), seen 0 s ago");
    records.write(2, log(9, "gather"));
    records.write(3, log(9, "sum"));
    assertThat(records.firstThatDiverged(0, own)).contains("rank 2 diverged first");
    records.write(2, log(9, "sum"));
    assertThat(records.firstThatDiverged(0, own)).contains("all ranks are in the same collective");
  }

  @Test
  void theLogKeepsTheLastCollectives() {
    CollectiveLog log = log(100, "gather");
    assertThat(log.last()).hasSize(64);
    assertThat(log.last().getLast().number()).isEqualTo(100);
    assertThat(log.bytes()).isEqualTo(1200);
    assertThat(log.underWay()).isPresent();
    log.ends();
    assertThat(log.underWay()).isEmpty();
  }

  @Test
  void whoWaitsTooLongSaysWhatFor() throws Exception {
    var log = new CollectiveLog(Instant::now);
    Duration soon = Duration.ofMillis(1);
    var said = new CompletableFuture<String>();
    try (var watch = new RankWatch(0, 2, log, new WaitLimits(soon, soon, soon), said::complete)) {
      watch.keepRecordsIn(folder);
      watch.start();
      log.begins("sum", "float32 [3]", 12);
      assertThat(said.get(30, TimeUnit.SECONDS))
          .contains("waited more than 0 s in collective 1 (sum, float32 [3]) during start up")
          .contains("rank 1 has left no record; the last collectives are in " + folder);
      assertThat(folder.resolve("rank-00000.json")).content().contains("\"kind\" : \"sum\"");
    }
    assertThat(folder.resolve("rank-00000.json")).doesNotExist();
  }
}
