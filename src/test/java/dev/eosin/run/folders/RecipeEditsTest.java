package dev.eosin.run.folders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.eosin.config.DataException;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import dev.eosin.config.Steps;
import dev.eosin.config.StepsOrShare;
import dev.eosin.eval.training.ZeroShotSettings;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.SmallRun;
import dev.eosin.run.SplitExports;
import dev.eosin.train.ScheduleSettings;
import dev.eosin.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What may change between two starts of a run.
class RecipeEditsTest {
  @TempDir private Path home;
  private SmallRun run;

  @BeforeEach
  void writeRecipe() throws IOException {
    run = SmallRun.in(home);
  }

  private void begin(String... overrides) throws IOException {
    assertThat(run.train(2, new SmallRun.Notes(), overrides)).isEqualTo(Trainer.End.STOPPED);
  }

  @Test
  void editsThatChangeTheResultAreRefusedTogetherWithBothValues() throws IOException {
    begin();
    String log = Files.readString(run.folder().resolve("log.jsonl"));

    RecipeException refused =
        catchThrowableOfType(
            RecipeException.class,
            () ->
                run.train(
                    "optimizer.lr=2.0e-3",
                    "batch.global=4",
                    "seed=8",
                    "schedule.length=13 steps",
                    "output.keep=3"));

    assertThat(refused.problems().stream().map(Problem::key))
        .containsExactly("seed", "batch.global", "optimizer.lr", "schedule.length");
    assertThat(refused)
        .hasMessageContaining("was started with 0.001, now it is 0.002")
        .hasMessageContaining("was started with 12 steps, now it is 13 steps")
        .hasMessageContaining("with initialise-from: " + run.folder())
        .hasMessageContaining("--fresh");
    assertThat(run.folder().resolve("log.jsonl")).hasContent(log);
    assertThat(run.checkpointSteps()).containsExactly(2L);
  }

  /// The rates of a constant schedule do not depend on its length: the longer run is, to the bit,
  /// the one that it would have been from the start.
  @Test
  void aFinishedConstantRunGoesOnWithALongerSchedule() throws IOException {
    String constant = "schedule={type: constant, warmup: 2 steps, length: %d steps}";
    run.train(constant.formatted(4), "evaluate=[]");
    assertThat(run.folder().resolve("final")).exists();
    var notes = new SmallRun.Notes();
    run.train(SmallRun.TO_THE_END, notes, constant.formatted(6), "evaluate=[]");
    assertThat(notes.all())
        .contains("changed since the run began: schedule.length from 4 steps to 6 steps")
        .contains("resuming after step 4");
    SmallRun whole = run.copyTo(home.resolve("whole"));
    whole.train(constant.formatted(6), "evaluate=[]");
    assertThat(run.newestCheckpoint().resolve("model.safetensors"))
        .hasSameBinaryContentAs(whole.newestCheckpoint().resolve("model.safetensors"));
    assertThat(run.folder().resolve("final/open_clip_model.safetensors"))
        .hasSameBinaryContentAs(whole.folder().resolve("final/open_clip_model.safetensors"));
    // A warm-up that is a share of the run would have been another.
    assertThatThrownBy(
            () ->
                run.train(
                    "schedule={type: constant, warmup: 50 %, length: 20 steps}", "evaluate=[]"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("initialise-from: " + run.folder());
    // Nor can a run become shorter than it is.
    assertThatThrownBy(() -> run.train(constant.formatted(5), "evaluate=[]"))
        .isInstanceOf(RecipeException.class);
  }

  @Test
  void aScheduleMayBecomeAnotherWithTheSamePast() {
    var constant = new ScheduleSettings.Constant(steps(3), new Steps(10));
    var cooling = new ScheduleSettings.CoolDown(steps(3), new Steps(20), steps(5), 1, 0);
    var cosine = new ScheduleSettings.Cosine(steps(3), new Steps(10));
    assertThat(new SchedulePast(constant, cooling).isSame(10)).isTrue();
    assertThat(new SchedulePast(cooling, constant).isSame(10)).isTrue();
    assertThat(new SchedulePast(cooling, constant).isSame(11)).isFalse();
    assertThat(new SchedulePast(cosine, constant).isSame(4)).isTrue();
    assertThat(new SchedulePast(cosine, constant).isSame(5)).isFalse();
    assertThat(new SchedulePast(constant, new ScheduleSettings.Constant(steps(4), new Steps(10))))
        .satisfies(past -> assertThat(past.isSame(1)).isFalse());
  }

  private static StepsOrShare steps(long count) {
    return StepsOrShare.parse(count + " steps");
  }

  @Test
  void harmlessEditsPassWithANote() throws IOException {
    begin();
    var notes = new SmallRun.Notes();
    run.train(
        1,
        notes,
        "output.keep=3",
        "logging.every=1 steps",
        "evaluate.0.every=1 steps",
        "compute.threads=2",
        "data.workers=1");
    assertThat(notes.all())
        .contains("changed since the run began: output.keep from 2 to 3")
        .contains("changed since the run began: evaluate.0.every from 4 steps to 1 step")
        .anyMatch(note -> note.contains("logging.every"))
        .anyMatch(note -> note.contains("compute.threads"))
        .anyMatch(note -> note.contains("data.workers"))
        .contains("resuming after step 2");
    assertThat(run.checkpointSteps()).last().isEqualTo(3L);
    // The stored recipe is the last one used, so the next start compares with that.
    var again = new SmallRun.Notes();
    run.train(1, again, "output.keep=3", "logging.every=1 steps");
    assertThat(again.all())
        .noneMatch(note -> note.contains("output.keep"))
        .contains(
            "changed since the run began: compute.threads from 2 to 1 (what follows differs in the last digits)");
  }

  /// A version that did not know a key did what the key's default says.
  @Test
  void aRunOfAnEarlierVersionGoesOnWithTheDefaultsOfLaterKeys() throws IOException {
    begin();
    Path stored = run.folder().resolve("recipe.yaml");
    String text = Files.readString(stored);
    String earlier = text.replaceFirst("(?m)^  patch-dropout: .*\n", "");
    assertThat(earlier).isNotEqualTo(text);
    Files.writeString(stored, earlier);
    assertThatThrownBy(() -> run.train("model.patch-dropout=0.5"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("model.patch-dropout")
        .hasMessageContaining("was started with 0.0, now it is 0.5");
    var notes = new SmallRun.Notes();
    run.train(1, notes);
    assertThat(notes.all())
        .contains("resuming after step 2")
        .noneMatch(note -> note.contains("changed since"));
    // One that nobody can bind any more is compared as it stands.
    Files.writeString(stored, text.replace("precision: fp32", "precision: fp8"));
    assertThatThrownBy(run::train)
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("was started with fp8, now it is fp32");
  }

  @Test
  void aFreshStartMovesTheEarlierRunAside() throws IOException {
    begin();
    Path checkpoints = run.folder().resolve("checkpoints");
    try (RunFolder folder = RunFolder.open(run.folder(), true)) {
      assertThat(folder.movedTo()).contains(home.resolve("run.1"));
      assertThat(checkpoints).doesNotExist();
      assertThatThrownBy(() -> RunFolder.open(run.folder(), false))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("another process trains in this run folder");
    }
    assertThat(home.resolve("run.1/checkpoints/step-00000002")).isDirectory();
    // Nothing of a run is in there yet, so nothing is moved.
    try (RunFolder folder = RunFolder.open(run.folder(), true)) {
      assertThat(folder.movedTo()).isEmpty();
    }
    begin("seed=8");
    try (RunFolder folder = RunFolder.open(run.folder(), true)) {
      assertThat(folder.movedTo()).contains(home.resolve("run.2"));
    }
  }

  @Test
  void aLostRecipeIsNotGuessed() throws IOException {
    begin();
    Files.delete(run.folder().resolve("recipe.yaml"));
    assertThatThrownBy(run::train)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("recipe.yaml: is missing");
  }

  @Test
  void dataAndModelConfigMayMoveButNotChange() throws IOException {
    TrainableRecipe recipe = TrainableRecipe.read(run.recipe(), List.of());
    Path first = home.resolve("here");
    Path second = home.resolve("there");
    SplitExports.write(recipe, ZeroShotSettings.Part.VALIDATION, first);
    String csv =
        "data.train={type: csv, path: %s/labels.csv, columns: {image: filepath, caption: caption}}";
    begin(csv.formatted(first), "evaluate=[]");

    Files.move(first, second);
    Path model = Files.move(home.resolve("model.json"), home.resolve("moved.json"));
    var notes = new SmallRun.Notes();
    String[] moved = {csv.formatted(second), "evaluate=[]", "model.config=" + model};
    run.train(1, notes, moved);
    assertThat(notes.all())
        .anyMatch(note -> note.contains("data.train.path") && note.contains("there"))
        .contains("resuming after step 2");

    String config = Files.readString(model);
    Files.writeString(
        model, config.replace("{\"embed_dim\"", "{\"quick_gelu\": true, \"embed_dim\""));
    assertThatThrownBy(() -> run.train(moved))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("model.config describes another architecture");
    Files.writeString(model, config);
    Path table = second.resolve("labels.csv");
    List<String> rows = Files.readAllLines(table);
    Files.write(table, rows.subList(0, rows.size() - 1));
    assertThatThrownBy(() -> run.train(moved))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data.train is not what this run began with");
  }
}
