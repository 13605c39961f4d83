package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole runs with losses other than the default one.
class LossesTest {
  private static final String SIGLIP = "loss={type: siglip}";

  @TempDir static Path home;

  @Test
  void aSigLipRunLearnsResumesAndExportsItsLogitBias() throws IOException {
    SmallRun whole = SmallRun.in(home.resolve("whole"));
    var notes = new SmallRun.Notes();
    String[] overrides = {SIGLIP, "data.train.samples=8"};
    whole.train(SmallRun.TO_THE_END, notes, overrides);
    SmallRun halves = whole.copyTo(home.resolve("halves"));
    halves.train(7, new SmallRun.Notes(), overrides);
    assertThat(halves.train(overrides)).isEqualTo(Trainer.End.FINISHED);

    halves.assertEndedLike(whole);
    List<Double> losses =
        whole.rows().stream()
            .filter(row -> !row.has("eval"))
            .map(row -> row.get("loss").asDouble())
            .toList();
    assertThat(losses.getLast()).isLessThan(losses.getFirst());
    Path exported = whole.folder().resolve("final");
    try (SafetensorsFile weights =
        SafetensorsFile.open(exported.resolve("open_clip_model.safetensors"))) {
      assertThat(weights.entry("logit_bias").floats()[0])
          .isBetween(-10.1f, -9.9f)
          .isNotEqualTo(-10);
    }
    assertThat(Files.readString(exported.resolve("open_clip_config.json")))
        .contains("\"init_logit_bias\" : -10.0");
    assertThat(exported.resolve("config.json")).doesNotExist();
    assertThat(notes.all())
        .anyMatch(note -> note.contains("a Hugging Face CLIPModel has no logit bias"));
  }

  @Test
  void aRunLearnsFromATeacherAndEqualCaptionsInPartsAsInWhole() throws IOException {
    SmallRun teacher = SmallRun.in(home.resolve("teacher"));
    teacher.train("schedule.length=2 steps", "evaluate=[]");
    String loss =
        "loss={type: contrastive, positives: equal-captions, label-smoothing: 0.1, distillation: {teacher: {config: %s, weights: {type: open-clip, path: %s}}, weight: 0.5}}"
            .formatted(
                teacher.recipe().resolveSibling("model.json"),
                teacher.folder().resolve("final/open_clip_model.safetensors"));
    SmallRun whole = teacher.copyTo(home.resolve("taught"));
    whole.train(loss);
    SmallRun parts = teacher.copyTo(home.resolve("taught-in-parts"));
    parts.train(5, new SmallRun.Notes(), loss, "batch.micro=3");
    parts.train(loss, "batch.micro=3");
    double last =
        whole.rows().reversed().stream()
            .filter(row -> !row.has("eval"))
            .findFirst()
            .orElseThrow()
            .get("loss")
            .asDouble();
    double partsLast =
        parts.rows().reversed().stream()
            .filter(row -> !row.has("eval"))
            .findFirst()
            .orElseThrow()
            .get("loss")
            .asDouble();
    assertThat(partsLast).isCloseTo(last, within(1e-3));
    // Cross entropy of 8 pairs plus half of one more.
    assertThat(last).isBetween(2.0, 4.0);
  }

  /// A run that trains on changes what is learned from it.
  @Test
  void aRunDoesNotGoOnWithATeacherThatHasOtherWeights() throws IOException {
    SmallRun teacher = SmallRun.in(home.resolve("teaching"));
    String stopped = "evaluate=[]";
    teacher.train(1, new SmallRun.Notes(), stopped);
    String loss =
        "loss={type: contrastive, distillation: {teacher: {config: %s, weights: {type: run, path: %s}}}}"
            .formatted(teacher.recipe().resolveSibling("model.json"), teacher.folder());
    SmallRun student = teacher.copyTo(home.resolve("student"));
    student.train(1, new SmallRun.Notes(), loss);
    student.train(1, new SmallRun.Notes(), loss);
    teacher.train(1, new SmallRun.Notes(), stopped);
    assertThatThrownBy(() -> student.train(loss))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("loss.distillation.teacher has other weights than this run began");
    assertThat(student.checkpointSteps()).last().isEqualTo(2L);
  }

  @Test
  void aTeacherThatCannotReadTheDataIsRefused() throws IOException {
    SmallRun run = SmallRun.in(home.resolve("refused"));
    String teacher =
        "loss={type: contrastive, distillation: {teacher: {preset: tiny, weights: {type: %s}}}}";
    assertThatThrownBy(() -> run.train(teacher.formatted("random")))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("random weights teach nothing");
    assertThatThrownBy(() -> run.train(teacher.replace(", weights: {type: %s}", "")))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("loss.distillation.teacher.weights  missing key");
    assertThatThrownBy(() -> run.train(teacher.formatted("eosin, path: none.safetensors")))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("takes images of 64 px x 64 px")
        .hasMessageContaining("or change data.image.size and data.text.length");
  }

  @Test
  void weightsWithoutALogitBiasMayStartASigLipRun() throws IOException {
    SmallRun contrastive = SmallRun.in(home.resolve("contrastive"));
    contrastive.train("schedule.length=1 step", "evaluate=[]");
    String weights =
        "model.weights={type: open-clip, path: %s}"
            .formatted(contrastive.folder().resolve("final/open_clip_model.safetensors"));
    SmallRun siglip = contrastive.copyTo(home.resolve("siglip"));
    var notes = new SmallRun.Notes();
    siglip.train(
        SmallRun.TO_THE_END, notes, SIGLIP, weights, "schedule.length=1 step", "evaluate=[]");
    assertThat(notes.all()).anyMatch(note -> note.contains("the weights have no logit bias"));
    double scale = siglip.rows().getFirst().get("logit_scale").asDouble();
    assertThat(scale).isBetween(9.9, 10.1);
  }
}
