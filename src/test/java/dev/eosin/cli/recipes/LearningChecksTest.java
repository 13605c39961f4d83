package dev.eosin.cli.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.cli.TinyRecipe;
import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `eosin overfit` and `eosin lr-find`: looks at a recipe before a run.
class LearningChecksTest {
  @TempDir private Path folder;

  @Test
  void aSoundRecipeLearnsABatchByHeart() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("overfit", "--steps", "200", "optimizer.lr=1.0e-2"))
        .as(tiny.out() + tiny.err())
        .isZero();
    assertThat(tiny.out())
        .contains("chance 2.0794", "1 x 8 rows", "1,614,913 of 1,614,913", "learned   ");
    assertThat(tiny.run).doesNotExist();
  }

  @Test
  void captionsThatAreAlikeAreLearnedAsTheLossTakesThem() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(
            tiny.eosin(
                "overfit",
                "data.text.length=4", // two words
                "loss={type: siglip, positives: equal-captions}",
                "optimizer.lr=1.0e-2"))
        .as(tiny.out() + tiny.err())
        .isZero();
    assertThat(tiny.out()).contains("floor 0.0000").containsPattern("1 x 8 rows, [1-7] with");
    assertThat(tiny.err()).contains("step 10/200  loss ");
  }

  @Test
  void aTeacherTakesPart() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("train", "evaluate=[]")).as(tiny.err()).isZero();
    String teacher =
        "loss={type: contrastive, distillation: {weight: 4.0, teacher: {config: \"%s\", weights: {type: open-clip, path: \"%s\"}}}}"
            .formatted(
                folder.resolve("model.json"),
                tiny.run.resolve("final/open_clip_model.safetensors"));
    assertThat(tiny.eosin("overfit", teacher, "optimizer.lr=1.0e-2"))
        .as(tiny.out() + tiny.err())
        .isZero();
    // After two steps it takes every pair for about as likely: chance is 5 ln 8, and much is left.
    assertThat(tiny.out()).contains("chance 10.3972").containsPattern("floor 8\\.[0-9]+");
    assertThat(tiny.eosin("lr-find", teacher, "--steps", "12")).as(tiny.err()).isZero();
    assertThat(tiny.err()).containsPattern("step 10/12  lr [0-9.e-]+  loss 1[0-9]\\.");
  }

  @Test
  void aDryRunCountsAdaptersAsOverfittingDoes() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    String lora = "lora={rank: 2, alpha: 4}";
    tiny.eosin("overfit", "--steps", "1", lora);
    Matcher overfit = Pattern.compile("weights   (\\S+) of (\\S+) are trained").matcher(tiny.out());
    assertThat(tiny.eosin("train", "--dry-run", lora)).as(tiny.err()).isZero();
    Matcher dryRun =
        Pattern.compile("model     (\\S+) parameters: .*, adapters \\S+; (\\S+) trainable")
            .matcher(tiny.out());
    assertThat(overfit.find() && dryRun.find()).isTrue();
    assertThat(dryRun.group(1)).isEqualTo(overfit.group(2)).isNotEqualTo("1,614,913");
    assertThat(dryRun.group(2)).isEqualTo(overfit.group(1));
  }

  /// In fp16 the first loss scale is too high even for so small a model.
  @Test
  void stepsThatTheLossScaleLeavesOutDoNotCount() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    tiny.eosin("overfit", "--steps", "3", "precision=fp16", "optimizer.lr=1.0e-2");
    assertThat(tiny.out()).contains("after 3 steps");
    assertThat(tiny.err())
        .contains("step 3/3  loss ")
        .containsPattern("[1-9][0-9]* further steps changed nothing and do not count");
  }

  @Test
  void aRateOfAlmostZeroLearnsNothingAndIsNamed() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("overfit", "--steps", "3", "optimizer.lr=1.0e-12"))
        .as(tiny.out() + tiny.err())
        .isEqualTo(ExitCode.OTHER);
    assertThat(tiny.out()).contains("not learned", "optimizer.lr", "--dry-run");
  }

  @Test
  void aRangeTestEndsWhereTheLossDivergesAndSuggestsARate() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    Path csv = folder.resolve("curve.csv");
    assertThat(
            tiny.eosin(
                "lr-find",
                "--from",
                "1e-5",
                "--to",
                "10",
                "--steps",
                "40",
                "--out",
                csv.toString()))
        .as(tiny.out() + tiny.err())
        .isZero();
    assertThat(tiny.out()).contains("lowest loss       at rate", "suggested: optimizer.lr=");
    List<String> rows = Files.readAllLines(csv);
    assertThat(rows.getFirst()).isEqualTo("rate,loss,smoothed_loss");
    assertThat(rows.get(1)).startsWith("1.000000e-05,");
    assertThat(rows).hasSizeBetween(11, 41);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("model.json", "tiny.yaml", "curve.csv");
    }
  }

  @Test
  void aRangeTestInFp16HasNoPointOfAStepLeftOut() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    Path csv = folder.resolve("curve.csv");
    String[] range = {"--from", "1e-9", "--to", "1e-8", "--steps", "12"};
    tiny.eosin(
        "lr-find",
        Stream.concat(Stream.of(range), Stream.of("--out", csv.toString(), "precision=fp16"))
            .toArray(String[]::new));
    assertThat(tiny.err()).contains("a step was left out, and is no point", "step 10/12");
    List<String> rows = Files.readAllLines(csv);
    assertThat(rows).hasSize(13);
    assertThat(rows.getLast()).startsWith("1.000000e-08,");
  }

  @Test
  void anEmptyRangeAndAnUnknownPictureAreRefused() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("lr-find", "--from", "1e-3", "--to", "1e-4")).isEqualTo(ExitCode.USAGE);
    assertThat(tiny.eosin("lr-find", "--out", "curve.png")).isEqualTo(ExitCode.USAGE);
    assertThat(tiny.err()).contains("--from", ".svg");
  }
}
