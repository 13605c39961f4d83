package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.clip.Clip;
import dev.eosin.clip.stored.StoredClip;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.folders.RunFolder;
import dev.eosin.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The best weights are kept, a run ends early, and both are the same when it was killed.
class BestAndEarlyTest {
  /// The loss falls from step to step: by this rule no value is better than the first.
  private static final String[] NEVER_BETTER = {
    "best={metric: pairs.loss, better: higher}",
    "stop-early={patience: 2}",
    "output.checkpoint-every=5 steps",
    "output.keep=1"
  };

  @TempDir private Path home;
  private SmallRun run;

  @BeforeEach
  void write() throws IOException {
    run = SmallRun.in(home);
  }

  private static String[] with(String[] some, String... more) {
    String[] all = Arrays.copyOf(some, some.length + more.length);
    System.arraycopy(more, 0, all, some.length, more.length);
    return all;
  }

  @Test
  void theBestCheckpointIsSavedWhereNoneIsDue() throws IOException {
    String[] settings = {
      "best={metric: pairs.loss}", "output.checkpoint-every=0 steps", "output.keep=1"
    };
    assertThat(run.train(settings)).isEqualTo(Trainer.End.FINISHED);
    Checkpoint last = Checkpoint.verify(run.newestCheckpoint());
    long best = last.state().best().orElseThrow().step();
    assertThat(last.state().best().orElseThrow().metric()).isEqualTo("pairs.loss");
    assertThat(run.checkpointSteps()).contains(best, 12L).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void aRunThatEndsEarlyEndsThereAlsoWhenItWasKilled() throws IOException {
    var notes = new SmallRun.Notes();
    assertThat(run.train(SmallRun.TO_THE_END, notes, NEVER_BETTER)).isEqualTo(Trainer.End.FINISHED);
    assertThat(run.checkpointSteps()).containsExactly(0L, 6L);
    assertThat(notes.all())
        .anyMatch(
            note ->
                note.startsWith(
                    "ended early after step 6: pairs.loss has not become better in 2 evaluations since step 0"))
        .anyMatch(note -> note.startsWith("pairs.loss was best after step 0"));

    SmallRun killed = run.copyTo(home.resolve("killed"));
    assertThatThrownBy(
            () -> killed.train(SmallRun.TO_THE_END, SmallRun.Notes.dyingAfter(5), NEVER_BETTER))
        .hasMessage("died after step 5");
    assertThat(killed.train(NEVER_BETTER)).isEqualTo(Trainer.End.FINISHED);
    killed.assertEndedLike(run);
    assertThat(killed.newestCheckpoint().resolve("state.json"))
        .hasSameTextualContentAs(run.newestCheckpoint().resolve("state.json"));

    // Nothing is left to do, and without the rule the run goes on to its end.
    assertThat(isFinished(NEVER_BETTER)).isTrue();
    String[] longer = with(NEVER_BETTER, "stop-early=null");
    assertThat(isFinished(longer)).isFalse();
    assertThat(run.train(longer)).isEqualTo(Trainer.End.FINISHED);
    assertThat(run.checkpointSteps()).containsExactly(0L, 12L);
    SmallRun whole = run.copyTo(home.resolve("whole"));
    whole.train();
    for (String file : new String[] {"model.safetensors", "optimizer.safetensors"}) {
      assertThat(run.newestCheckpoint().resolve(file))
          .hasSameBinaryContentAs(whole.newestCheckpoint().resolve(file));
    }
  }

  private boolean isFinished(String... overrides) throws IOException {
    TrainableRecipe recipe = TrainableRecipe.read(run.recipe(), Arrays.asList(overrides));
    try (RunFolder folder = RunFolder.open(run.folder(), false)) {
      return new Run(recipe, folder, "test", () -> false).isFinished();
    }
  }

  @Test
  void theBestWeightsAreExportedWhereTheRecipeSaysSo() throws IOException {
    var notes = new SmallRun.Notes();
    run.train(
        SmallRun.TO_THE_END,
        notes,
        with(NEVER_BETTER, "best={metric: pairs.loss, better: higher, export: best}"));
    assertThat(notes.all()).anyMatch(note -> note.contains("final is of step 0, where pairs.loss"));
    try (StoredClip exported = StoredClip.open(run.folder().resolve("final"), Optional.empty());
        SafetensorsFile best =
            SafetensorsFile.open(run.checkpoint(0).resolve("model.safetensors"));
        SafetensorsFile last =
            SafetensorsFile.open(run.checkpoint(6).resolve("model.safetensors"))) {
      String name = Clip.LOGIT_SCALE;
      assertThat(exported.own().floats(name)).isEqualTo(best.entry(name).floats());
      assertThat(exported.own().floats(name)).isNotEqualTo(last.entry(name).floats());
    }
  }

  @Test
  void aFigureThatNoEvaluationHasIsRefusedBeforeTheFirstUpdate() throws IOException {
    assertThatThrownBy(() -> run.train("best={metric: pairs.top1}"))
        .hasMessageContaining("the evaluation 'pairs' has no figure 'top1'; it has loss, ");
    assertThat(run.folder().resolve("checkpoints")).doesNotExist();
    assertThatThrownBy(() -> run.train("best={metric: tissue.top1}"))
        .hasMessageContaining("'tissue.top1' is of no evaluation; write one of [tiles, pairs]");
    assertThat(Files.exists(run.folder().resolve("final"))).isFalse();
  }
}
