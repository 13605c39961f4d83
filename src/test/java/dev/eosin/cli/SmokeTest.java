package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.SmallRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `eosin train --smoke`: a run rehearsed.
class SmokeTest {
  @TempDir private Path folder;

  @Test
  void everyStagePassesAndNothingIsLeft() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder).with("length: 2 steps", "length: 50 steps");
    List<Path> before = files();
    assertThat(tiny.eosin("train", "--smoke")).as(tiny.out() + tiny.err()).isZero();
    assertThat(tiny.out().lines().map(line -> line.split(" {2,}")[0]))
        .filteredOn(name -> !name.equals("note"))
        .map(name -> name.replaceAll(" +$", ""))
        .containsSubsequence(
            "open",
            "train",
            "checkpoint",
            "reopen",
            "resume",
            "evaluate tiles",
            "evaluate pairs",
            "export",
            "compare",
            "reload",
            "ready");
    assertThat(tiny.out())
        .contains("peak ", "step 2, loss ", "bit for bit", "on at most 256 samples");
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void aFailingStageIsNamedAndItsFolderKept() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder).with("length: 2 steps", "length: 50 steps");
    assertThat(tiny.eosin("train", "--smoke", "optimizer.lr=1.0e+30", "optimizer.clip-norm=1.0"))
        .as(tiny.out())
        .isEqualTo(ExitCode.OTHER);
    assertThat(tiny.out())
        .containsPattern("train +failed; what it wrote is kept in")
        .doesNotContain("ready");
    assertThat(tiny.err()).contains("Lower optimizer.lr");
    assertThat(tiny.run).doesNotExist();
    assertThat(files().stream().map(file -> file.getFileName().toString()))
        .anyMatch(name -> name.startsWith("run.smoke-"));
  }

  @Test
  void oneStepIsRefused() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder).with("length: 2 steps", "length: 1 steps");
    assertThat(tiny.eosin("train", "--smoke")).isEqualTo(ExitCode.USAGE);
    assertThat(tiny.err()).contains("schedule.length");
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> inside = Files.list(folder)) {
      return inside.sorted().toList();
    }
  }

  /// Its first stage evaluates nothing, so that there is nothing to rank weights by.
  @Test
  void aRehearsalNeedsNoBest(@TempDir Path home) throws IOException {
    CommandRun run =
        CommandRun.of(
            "train",
            SmallRun.in(home).recipe(),
            "--smoke",
            "best={metric: pairs.loss}",
            "stop-early={patience: 2}");
    assertThat(run.code()).as(run.err()).isZero();
  }
}
