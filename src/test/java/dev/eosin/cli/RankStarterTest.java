package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.group.Launch;
import dev.eosin.run.SmallRun;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

class RankStarterTest {
  /// Says what it was asked to start, and ends as a job does whose ranks have saved.
  private static final String STARTER =
      """
      #!/bin/sh
      trap 'echo saved; exit 7' USR1
      echo "asked for $@"
      while :; do sleep 0.05; done
      """;

  @TempDir Path home;

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSignalLetsAllRanksSaveAndIsWaitedFor(String signal) throws Exception {
    if (signal.equals("INT")) {
      InheritedSignals.assumeInterruptIsDelivered();
    }
    Path starter = RankedProcess.starter(home, STARTER);
    SmallRun run = SmallRun.in(home.resolve("recipe"));
    try (RankedProcess two = RankedProcess.startItself(starter, run, "--ranks=2")) {
      two.awaitMessage("asked for -n 2 ");
      two.signalStarter(signal);
      assertThat(two.exitCode(60)).as(two.messages()).isEqualTo(7);
      assertThat(two.messages()).contains("saved").doesNotContain("--ranks");
    }
  }

  @Test
  void anotherNumberOfRanksThanWereStartedIsRefused() {
    CommandSpec spec = new CommandLine(new TrainCommand()).getCommandSpec();
    Launch oneOfThree = Launch.of(Map.of("OMPI_COMM_WORLD_RANK", "1", "OMPI_COMM_WORLD_SIZE", "3"));
    RankOptions options = new RankOptions();
    assertThat(options.startsThem(spec, oneOfThree)).isFalse();
    options.ranks = Optional.of(3);
    assertThat(options.startsThem(spec, oneOfThree)).isFalse();
    assertThat(options.startsThem(spec, Launch.of(Map.of()))).isTrue();
    options.ranks = Optional.of(2);
    assertThatThrownBy(() -> options.startsThem(spec, oneOfThree))
        .isInstanceOf(ParameterException.class)
        .hasMessage("--ranks: 2, but this is one of 3 that Open MPI started; leave --ranks out");
    options.ranks = Optional.of(0);
    assertThatThrownBy(() -> options.startsThem(spec, oneOfThree))
        .hasMessage("--ranks: at least 1");
  }

  @Test
  void ranksAreAskedForOnce() {
    assertThat(RankStarter.withoutRanks(List.of("train", "R.yaml", "--ranks", "2", "seed=3")))
        .containsExactly("train", "R.yaml", "seed=3");
    assertThat(RankStarter.withoutRanks(List.of("train", "--ranks=2", "R.yaml")))
        .containsExactly("train", "R.yaml");
  }
}
