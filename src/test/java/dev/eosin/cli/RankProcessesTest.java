package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.group.Launch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class RankProcessesTest {
  @TempDir private Path home;

  private int run(int ranks, String script) throws Exception {
    return RankProcesses.of(ranks, List.of("sh", "-c", "cd " + home + "; " + script))
        .run(process -> {});
  }

  @Test
  void everyRankIsToldWhoItIsAndWhereTheOthersAre() throws Exception {
    RankProcesses three = RankProcesses.of(3, List.of("true"));
    for (int rank = 0; rank < 3; rank++) {
      Map<String, String> own = three.variables().get(rank);
      Launch launch = Launch.of(own);
      assertThat(launch.by()).isEqualTo(Launch.Starter.TORCHRUN);
      assertThat(launch.rank()).isEqualTo(rank);
      assertThat(launch.size()).isEqualTo(OptionalInt.of(3));
      assertThat(launch.localRank()).isEqualTo(OptionalInt.of(rank));
      assertThat(own.get("MASTER_PORT")).isEqualTo(three.variables().getFirst().get("MASTER_PORT"));
    }
    assertThat(run(3, "echo $WORLD_SIZE > rank-$RANK")).isZero();
    for (int rank = 0; rank < 3; rank++) {
      assertThat(home.resolve("rank-" + rank)).hasContent("3");
    }
  }

  @Test
  @Timeout(60)
  void oneThatFailsEndsAllWithItsCode() throws Exception {
    List<Process> all = new ArrayList<>();
    String script = "[ $RANK = 1 ] && exit 7; while :; do sleep 0.05; done";
    int code = RankProcesses.of(3, List.of("sh", "-c", script)).run(all::add);
    assertThat(code).isEqualTo(7);
    for (Process each : all) {
      assertThat(each.waitFor()).isNotZero();
    }
  }

  /// As ranks that have saved end one after the other.
  @Test
  void ranksThatEndSoonAfterAreWaitedFor() throws Exception {
    assertThat(run(2, "[ $RANK = 1 ] && exit 7; sleep 0.3; echo said > last; exit 3")).isEqualTo(7);
    assertThat(Files.exists(home.resolve("last"))).isTrue();
  }
}
