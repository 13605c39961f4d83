package dev.eosin.recipe.openclip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.clip.LossSettings;
import dev.eosin.config.Binder;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.data.settings.WebDatasetSettings;
import dev.eosin.image.Filter;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.Recipe;
import dev.eosin.train.ScheduleSettings;
import dev.eosin.train.machine.Precision;
import dev.eosin.train.optimisers.AdamWSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// open_clip command lines as recipes.
class OpenClipImportTest {
  @TempDir private Path folder;

  @Test
  void aScriptForSeveralGpusBecomesOneRecipe() {
    OpenClipImport.Imported imported =
        imported(
            """
            #!/bin/bash
            # trains
            export OMP_NUM_THREADS=8
            torchrun --nproc_per_node 4 --nnodes=2 -m open_clip_train.main \\
              --train-data "shards/pg-{0000..0127}.tar" --train-num-samples 1_600_000 \\
              --dataset-type webdataset --model ViT-B-16 --pretrained openai \\
              --batch-size 128 --accum-freq 2 --epochs 10 --warmup 500 --lr 1e-5 --wd 0.1 \\
              --precision amp_bf16 --grad-clip-norm 1.0 --seed 7 --local-loss --siglip --force-patch-dropout 0.5 --grad-checkpointing \\
              --lock-image --aug-cfg scale='(0.4, 1.0)' color_jitter=0.2 --name pg $EXTRA
            echo done
            """);
    ClipRecipe recipe = recipe(imported);
    assertThat(recipe.seed()).isEqualTo(7);
    assertThat(recipe.model().patchDropout()).isEqualTo(0.5);
    assertThat(recipe.compute().activations()).hasToString("recompute");
    assertThat(recipe.batch().global()).isEqualTo(128 * 2 * 8);
    assertThat(recipe.batch().atOnce()).isEqualTo(128);
    assertThat(recipe.model().preset()).contains("vit-b-16-quickgelu");
    assertThat(imported.yaml()).contains("checkpoints/openai-vit-b-16/ViT-B-16.pt");
    assertThat(recipe.data().train()).isInstanceOf(WebDatasetSettings.class);
    assertThat(recipe.data().image().cropScale()).containsExactly(0.4, 1.0);
    assertThat(recipe.loss()).isInstanceOf(LossSettings.SigLip.class);
    assertThat(recipe.precision()).isEqualTo(Precision.BF16);
    // ceil(1.6e6 / (128 x 8)) = 1563 batches, 391 from each of 4 workers, every second one an
    // update, ten epochs
    assertThat(recipe.schedule().length().value()).isEqualTo(391 * 4 / 2 * 10);
    assertThat(recipe.optimizer())
        .isInstanceOfSatisfying(
            AdamWSettings.class,
            adamW -> {
              assertThat(adamW.lr()).isEqualTo(1e-5);
              assertThat(adamW.betas()).containsExactly(0.9, 0.98);
              assertThat(adamW.eps()).isEqualTo(1e-6);
            });
    assertThat(imported.open()).containsExactly("'$EXTRA' after --name: is not translated");
    assertThat(imported.yaml())
        .contains("# note: --aug-cfg color_jitter=0.2 is left out: open_clip ignores it without");
    assertThat(imported.yaml()).contains("lock: { image-tower: { unlocked-groups: 0 } }");
    assertThat(imported.yaml())
        .contains("# note: the launcher's 8 processes (--nproc_per_node", "--ranks 8");
    assertThat(imported.yaml()).contains("# note: --local-loss is not needed");
  }

  @Test
  void aTableIsCounted() throws IOException {
    Path table = folder.resolve("pairs.tsv");
    Path image = Files.createFile(folder.resolve("a.png"));
    Files.writeString(table, "filepath\ttitle\n" + (image + "\ta caption\n").repeat(1000));
    OpenClipImport.Imported imported =
        imported(
            "python -m open_clip_train.main --train-data %s --model ViT-B-32 --batch-size=64"
                    .formatted(table)
                + " --epochs 3 --warmup 10 --precision fp32 --val-data "
                + table);
    ClipRecipe recipe = recipe(imported);
    assertThat(recipe.schedule().length().value()).isEqualTo(1000 / 64 * 3);
    assertThat(recipe.data().train())
        .isInstanceOfSatisfying(
            CsvSettings.class, csv -> assertThat(csv.separator()).isEqualTo("\t"));
    assertThat(recipe.evaluate()).hasSize(1);
    assertThat(imported.open()).isEmpty();
  }

  @Test
  void aTableIsCountedWhereItsImagesAreNot() throws IOException {
    Path table = folder.resolve("pairs.tsv");
    Files.writeString(table, "filepath\ttitle\n" + "/elsewhere/a.png\ta caption\n".repeat(1000));
    OpenClipImport.Imported imported =
        imported(
            "--train-data %s --model ViT-B-32 --batch-size 10 --epochs 2 --warmup 1000000"
                    .formatted(table)
                + " --precision fp32");
    assertThat(recipe(imported).schedule().length().value()).isEqualTo(200);
    assertThat(imported.yaml()).contains("lr: 1.0e-7,").contains("eps: 1.0e-6,");
    assertThat(imported.open())
        .singleElement()
        .asString()
        .contains("none of the 1000 images exists");
  }

  /// open_clip refuses to start, too.
  @Test
  void samplesThatNobodyCanCountLeaveTheLengthOpen() {
    OpenClipImport.Imported imported =
        imported(
            "--train-data shards/{0..3}.tar --model ViT-B-32 --batch-size 10 --epochs 2 --lr 1e-4"
                + " --precision fp32 --val-data x.csv");
    assertThat(imported.open())
        .singleElement()
        .asString()
        .startsWith("--train-num-samples: is missing")
        .endsWith("an epoch of N samples has N / 10 steps, the run has 2 epochs");
    assertThat(imported.yaml())
        .contains("# OPEN: --train-num-samples: is missing")
        .contains("lr: 1.0e-4,")
        .contains("warmup: 10000 steps }");
    assertThatThrownBy(() -> recipe(imported))
        .isInstanceOfSatisfying(
            RecipeException.class,
            refused ->
                assertThat(refused.problems())
                    .extracting(Problem::key)
                    .containsExactlyInAnyOrder(
                        "schedule.length", "output.checkpoint-every", "evaluate.0.every"));
  }

  @Test
  void aWarmUpLongerThanTheRunKeepsItsRamp() {
    OpenClipImport.Imported imported =
        imported(
            "--train-data x.csv --train-num-samples 6400 --epochs 1 --model ViT-B-32"
                + " --precision fp32");
    ClipRecipe recipe = recipe(imported);
    ScheduleSettings schedule = recipe.schedule();
    AdamWSettings adamW = (AdamWSettings) recipe.optimizer();
    assertThat(schedule.length().value()).isEqualTo(100);
    for (int step = 0; step < 100; step++) {
      assertThat(schedule.learningRate(adamW.lr(), step))
          .isCloseTo(5e-4 * (step + 1) / 10_000, within(1e-15));
    }
    assertThat(imported.yaml()).contains("is longer than the run");
  }

  @Test
  void nothingIsDroppedSilently() {
    List<String> open =
        imported("--train-dat x.csv --modle RN50 --precision pure_fp16 --resume latest --opt lamb")
            .open();
    assertThat(String.join("\n", open))
        .contains("--modle is no flag of open_clip 3.3.0; did you mean --model?")
        .contains("--model RN50: no preset")
        .contains("--precision pure_fp16")
        .contains("--resume latest: a run goes on from its own checkpoints")
        .contains("--opt lamb")
        .contains("--train-num-samples: is missing");
  }

  @Test
  void aTeacherIsTakenOver() {
    OpenClipImport.Imported imported =
        imported(
            "--train-data x.csv --train-num-samples 6400 --warmup 5 --model ViT-B-32"
                + " --precision fp32 --distill-model ViT-L-14 --distill-pretrained openai"
                + " --delete-previous-checkpoint");
    ClipRecipe recipe = recipe(imported);
    assertThat(imported.open()).isEmpty();
    assertThat(recipe.output().keep()).isEqualTo(1);
    assertThat(recipe.loss().teaching())
        .hasValueSatisfying(
            teaching -> {
              assertThat(teaching.weight()).isEqualTo(1);
              assertThat(teaching.teacher().preset()).contains("vit-l-14-quickgelu");
            });
    assertThat(imported("--model ViT-B-32 --distill-model ViT-L-14").yaml())
        .contains("# note: --distill-model does nothing without --distill-pretrained")
        .doesNotContain("teacher");
  }

  @Test
  void coloursAreChangedAsEachOfTheTwoTransformsDoes() {
    String start = "--train-data x.csv --train-num-samples 6400 --warmup 5 --model ViT-B-32";
    OpenClipImport.Imported own =
        imported(
            start
                + " --image-interpolation bilinear --aug-cfg color_jitter='(0.32, 0.32, 0.32,"
                + " 0.08)' color_jitter_prob=0.8 gray_scale_prob=0.2 ratio='(1, 1)'");
    assertThat(recipe(own).data().image().augment().colorJitter())
        .containsExactly(0.32, 0.32, 0.32, 0.08);
    assertThat(recipe(own).data().image().augment().colorJitterProbability()).isEqualTo(0.8);
    assertThat(recipe(own).data().image().augment().grayScaleProbability()).isEqualTo(0.2);
    assertThat(recipe(own).data().image().cropRatio()).containsExactly(0.75, 4 / 3.0);
    assertThat(recipe(own).data().image().interpolation()).isEqualTo(Filter.BICUBIC);
    assertThat(own.open()).singleElement().asString().startsWith("--image-interpolation bilinear");

    OpenClipImport.Imported timm =
        imported(
            start
                + " --image-interpolation bilinear --aug-cfg use_timm=True color_jitter=0.4"
                + " ratio='(1, 1)' gray_scale_prob=0.2 re_prob=0.1");
    assertThat(recipe(timm).data().image().augment().colorJitter())
        .containsExactly(0.4, 0.4, 0.4, 0.0);
    assertThat(recipe(timm).data().image().augment().grayScaleProbability()).isZero();
    assertThat(recipe(timm).data().image().cropRatio()).containsExactly(1.0, 1.0);
    assertThat(recipe(timm).data().image().interpolation()).isEqualTo(Filter.BILINEAR);
    assertThat(timm.open()).singleElement().asString().startsWith("--aug-cfg re_prob=0.1");
  }

  @Test
  void whatIsNoCommandLineIsRefused() {
    assertThatThrownBy(() -> OpenClipCommand.parse("python train.py"))
        .hasMessageContaining("no flags of open_clip were found");
    assertThatThrownBy(() -> OpenClipCommand.parse("--train-data 'x.csv"))
        .hasMessageContaining("does not end");
    assertThatThrownBy(() -> imported("--train-data x.csv --lr fast --train-num-samples 5"))
        .hasMessageContaining("--lr: 'fast' is not a number");
  }

  private static Offset<Double> within(double offset) {
    return Offset.offset(offset);
  }

  private static OpenClipImport.Imported imported(String text) {
    return OpenClipImport.of(OpenClipCommand.parse(text), text);
  }

  private static ClipRecipe recipe(OpenClipImport.Imported imported) {
    RecipeFile file =
        RecipeFile.parse(Path.of("imported.yaml"), imported.yaml(), List.of(), Map.of());
    return (ClipRecipe) Binder.bind(file, Recipe.class);
  }
}
