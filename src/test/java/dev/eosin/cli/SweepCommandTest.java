package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.folders.SweepPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Several runs of one recipe.
class SweepCommandTest {
  @TempDir private Path home;

  private static List<String> names(String... arguments) {
    return SweepPlan.of(List.of(arguments)).trials().stream().map(SweepPlan.Trial::name).toList();
  }

  @Test
  void everyCombinationIsARunWithANameOfItsOwn() {
    assertThat(names("optimizer.lr=1e-4,3e-4", "seed=1,2", "precision=fp32"))
        .containsExactly("lr=1e-4,seed=1", "lr=1e-4,seed=2", "lr=3e-4,seed=1", "lr=3e-4,seed=2");
    assertThat(SweepPlan.of(List.of("a=1,2", "b=x")).trials().getLast().overrides())
        .containsExactly("a=2", "b=x");
    assertThat(names("optimizer.betas=[0.9, 0.98],[0.9, 0.999]"))
        .containsExactly("betas=_0.9,_0.98_", "betas=_0.9,_0.999_");
    assertThat(names("model.config=\"a/b.json\",\"a_b.json\""))
        .containsExactly("config=_a_b.json_", "config=_a_b.json_~2");
  }

  @Test
  void whatIsNoSweepIsRefused() {
    assertThatThrownBy(() -> names("seed")).hasMessageContaining("expected key=value");
    assertThatThrownBy(() -> names("seed=1")).hasMessageContaining("nothing is swept");
    assertThatThrownBy(() -> names("seed=1,1")).hasMessageContaining("comes twice");
    assertThatThrownBy(() -> names("seed=1,2", "output.dir=here")).hasMessageContaining("--out");
    assertThatThrownBy(() -> names("seed=1,2", "seed=3")).hasMessageContaining("seed=a,b");
  }

  @Test
  void aSweepGoesOnWhereItWasAndLeavesWhatIsFinished() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(home);
    Path sweep = home.resolve("run-sweep");
    Path first = sweep.resolve("lr=0.001");
    Path second = sweep.resolve("lr=0.002");
    // As if the process had been killed between the last checkpoint and the export.
    CommandRun begun =
        CommandRun.of(
            "train",
            tiny.recipe,
            "output.dir=" + second,
            "optimizer.lr=0.002",
            "schedule.length=2 steps");
    assertThat(begun.code()).as(begun.err()).isZero();
    Files.move(second.resolve("final"), home.resolve("lost"));
    CommandRun run = CommandRun.of("sweep", tiny.recipe, "optimizer.lr=0.001,0.002");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("lr=0.001  finished  step 2  tiles.zero_shot_top1 ")
        .contains("lr=0.002  finished  step 2  tiles.zero_shot_top1 ");
    assertThat(run.err()).contains("resuming after step 2");
    List<String> table = Files.readAllLines(sweep.resolve("sweep.csv"));
    assertThat(table.getFirst()).isEqualTo("run,state,step,metric,best,best_step,reason");
    assertThat(table).hasSize(3);

    FileTime longAgo = FileTime.from(Instant.EPOCH);
    Files.setLastModifiedTime(first.resolve("log.jsonl"), longAgo);
    CommandRun again = CommandRun.of("sweep", tiny.recipe, "optimizer.lr=0.001,0.002");
    assertThat(again.err()).contains("lr=0.001: is finished").contains("lr=0.002: is finished");
    assertThat(again.out()).isEqualTo(run.out());
    assertThat(Files.getLastModifiedTime(first.resolve("log.jsonl"))).isEqualTo(longAgo);
  }

  @Test
  void aRunThatDivergesDoesNotEndTheOthers() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(home).with("clip-norm: 1.0", "clip-norm: null");
    Path out = home.resolve("out");
    Object[] command = {
      "sweep", tiny.recipe, "--out", out, "optimizer.lr=1e30,1e-3", "schedule.warmup=0 steps"
    };
    CommandRun run = CommandRun.of(command);
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OTHER);
    assertThat(run.out().lines().findFirst().orElseThrow()).startsWith("lr=1e-3  finished");
    assertThat(run.out()).contains("lr=1e30  failed ");
    assertThat(CommandRun.of(command).err()).contains("lr=1e30: failed before; remove ");
  }

  @Test
  void aValueThatIsNoneEndsTheSweepBeforeAnyRun() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(home);
    CommandRun run = CommandRun.of("sweep", tiny.recipe, "optimizer.lr=1e-3,fast");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("optimizer.lr");
    assertThat(home.resolve("run-sweep")).doesNotExist();
  }
}
