package dev.eosin.run.folders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.Run;
import dev.eosin.run.SmallRun;
import dev.eosin.train.Trainer;
import dev.eosin.train.logs.RunLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A run goes on from a checkpoint that is named.
class FromCheckpointTest {
  private static final String KEEP = "output.keep=9";

  @TempDir private Path home;
  private SmallRun whole;

  @BeforeEach
  void train() throws IOException {
    whole = SmallRun.in(home);
    whole.train(KEEP);
  }

  private static List<String> go(SmallRun run, String from, long last, String... overrides)
      throws IOException {
    TrainableRecipe recipe = TrainableRecipe.read(run.recipe(), Arrays.asList(overrides));
    var notes = new SmallRun.Notes();
    List<String> said = new ArrayList<>();
    try (RunFolder folder = RunFolder.open(run.folder(), false)) {
      FromCheckpoint named = FromCheckpoint.find(from, folder);
      said.addAll(folder.changes(run.recipe(), recipe.resolved(), named));
      Trainer.End end =
          new Run(recipe, folder, "test", () -> notes.updates() >= last)
              .from(named)
              .run(
                  (place, start, data) ->
                      notes.beside(
                          RunLog.open(place.log(), start.step(), start.lastEvaluatedStep())));
      said.add(end.name());
    }
    said.addAll(notes.all());
    return said;
  }

  @Test
  void aRunGoesBackToAStepAndEndsAsBefore() throws IOException {
    SmallRun before = whole.copyTo(home.resolve("before"));
    before.train(KEEP);
    List<String> said = go(whole, "5", Long.MAX_VALUE, KEEP);
    assertThat(said)
        .contains("FINISHED", "resuming after step 5")
        .anyMatch(note -> note.startsWith("going back to step 5; later checkpoints are removed"));
    whole.assertEndedLike(before);
    assertThat(go(whole, "best", Long.MAX_VALUE, KEEP)).contains("FINISHED");
    whole.assertEndedLike(before);
  }

  @Test
  void anotherRunBranchesOffAndItsCommandMayBeRepeated() throws IOException {
    SmallRun branch = whole.copyTo(home.resolve("branch"));
    String from = whole.checkpoint(5).toString();
    String longer = "evaluate=[]";
    assertThat(go(branch, from, 2, longer)).contains("STOPPED");
    assertThat(branch.checkpointSteps()).containsExactly(7L);
    List<String> said = go(branch, from, Long.MAX_VALUE, longer);
    assertThat(said).contains("FINISHED", "resuming after step 7");
    for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
      assertThat(branch.newestCheckpoint().resolve(file))
          .hasSameBinaryContentAs(whole.newestCheckpoint().resolve(file));
    }
    assertThatThrownBy(() -> go(whole, branch.newestCheckpoint().toString(), 1))
        .hasMessageContaining("has a run that did not begin at")
        .hasMessageContaining("choose another output.dir, or start over with --fresh");
    SmallRun other = whole.copyTo(home.resolve("other"));
    assertThatThrownBy(() -> go(other, from, 1, "optimizer.lr=0.5"))
        .hasMessageContaining("optimizer.lr");
  }

  @Test
  void whatIsNotThereIsNamedWithWhatIs() throws IOException {
    assertThatThrownBy(() -> go(whole, "7", 1))
        .hasMessageContaining(
            "step-00000007 is not there; it has checkpoints of the steps [5, 10, 12]");
    assertThatThrownBy(() -> go(whole, home.resolve("nothing").toString(), 1))
        .hasMessageContaining(
            "nothing: no such folder; expected 'best', a step, a checkpoint such as");
    Path gone = whole.newestCheckpoint().resolveSibling("step-00000007");
    assertThatThrownBy(() -> go(whole, gone.toString(), 1))
        .hasMessageContaining("no such folder; beside it are [")
        .hasMessageContaining("step-00000005");
  }
}
