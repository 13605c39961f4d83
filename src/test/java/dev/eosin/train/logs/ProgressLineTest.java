package dev.eosin.train.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.train.EvaluationReport;
import dev.eosin.train.LossScaling;
import dev.eosin.train.StepReport;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressLineTest {
  private final StringBuilder out = new StringBuilder();
  private long now;

  @Test
  void offATerminalALineIsPrintedEverySoManySteps() throws IOException {
    ProgressLine progress = new ProgressLine(out, false, 25, 10, 0, () -> now);
    for (int step = 1; step <= 25; step++) {
      now += 2_000_000_000L;
      progress.step(report(step));
    }
    assertThat(out.toString().lines())
        .containsExactly(
            "step 10/25  40 %  loss 1.2500  gradient 0.50  scale 14.0  lr 1.00e-03  32.0 images/s  data wait 25 %  30 s left",
            "step 20/25  80 %  loss 1.2500  gradient 0.50  scale 14.0  lr 1.00e-03  32.0 images/s  data wait 25 %  10 s left",
            "step 25/25  100 %  loss 1.2500  gradient 0.50  scale 14.0  lr 1.00e-03  32.0 images/s  data wait 25 %  0 s left");
  }

  @Test
  void onATerminalOneLineIsRefreshed() throws IOException {
    ProgressLine progress = new ProgressLine(out, true, 100, 10, 0, () -> now);
    for (int step = 1; step <= 50; step++) {
      now += 10_000_000L;
      progress.step(report(step));
    }
    assertThat(out).doesNotContain("\n").contains("step 1/100", "step 41/100");
    assertThat(out.toString().split("\r")).hasSize(1 + 5);
    progress.note("saved");
    assertThat(out.toString()).endsWith("\r\u001b[Ksaved\n");
    now += 1_000_000_000L;
    progress.step(report(51));
    progress.close();
    progress.close();
    assertThat(out.toString()).endsWith("left\u001b[?7h\n");
  }

  @Test
  void whereATerminalIsNarrowTheTimeLeftGoesLast() throws IOException {
    assertThat(drawn(80))
        .hasSizeLessThanOrEqualTo(80)
        .startsWith("step 1/100  1 %  loss 1.2500")
        .endsWith("3 min 18 s left");
    assertThat(drawn(24)).isEqualTo("step 1/100");
    assertThat(drawn(30)).isEqualTo("step 1/100  3 min 18 s left");
    assertThat(drawn(5)).isEqualTo("step 1/100");
  }

  private String drawn(int columns) throws IOException {
    var narrow = new StringBuilder();
    var line =
        new ProgressLine(
            narrow, true, () -> columns, UnaryOperator.identity(), 100, 10, "images", 0, () -> now);
    now += 2_000_000_000L;
    line.step(report(1));
    return narrow.toString().replaceAll("\r?\u001b\\[(K|\\?7[lh])", "");
  }

  @Test
  void scoresWrapBetweenWords() throws IOException {
    var narrow = new StringBuilder();
    var line =
        new ProgressLine(
            narrow, true, () -> 45, "<%s>"::formatted, 100, 10, "images", 0, () -> now);
    line.evaluation(
        new EvaluationReport(
            5,
            "tiles",
            Map.of("zero_shot_top1", 0.5, "zero_shot_top1_low", 0.4, "zero_shot_top1_high", 0.6)));
    assertThat(narrow.toString().lines())
        .allSatisfy(each -> assertThat(each.replaceAll("[<>]", "").length()).isLessThan(46));
    assertThat(narrow.toString()).startsWith("<step 5  tiles>").contains("zero_shot_top1 0.5000");
  }

  @Test
  void theTimeLeftCountsFromThisStart() throws IOException {
    ProgressLine progress = new ProgressLine(out, false, 1_000, 1, 900, () -> now);
    now += 3_000_000_000L;
    progress.step(report(901));
    assertThat(out.toString()).contains("901/1000  90 %").endsWith("4 min 57 s left\n");
  }

  @Test
  void intervalsStandBehindTheirMetric() throws IOException {
    StringBuilder out = new StringBuilder();
    var metrics = new java.util.LinkedHashMap<String, Double>();
    metrics.put("top1", 0.5);
    metrics.put("top1_low", 0.4);
    metrics.put("top1_high", 0.6);
    metrics.put("too_low", 0.1);
    new ProgressLine(out, false, 10, 5, 0, () -> 0)
        .evaluation(new EvaluationReport(5, "tiles", metrics));
    assertThat(out.toString())
        .isEqualTo("step 5  tiles  top1 0.5000 (0.4000-0.6000)  too_low 0.1000\n");
  }

  @Test
  void evaluationsAndNotesHaveLinesOfTheirOwn() throws IOException {
    ProgressLine progress = new ProgressLine(out, false, 10, 1, 0, () -> now);
    progress.evaluation(new EvaluationReport(0, "tiles", Map.of("zero_shot_top1", 0.81254)));
    progress.note("saved step 0");
    assertThat(out.toString()).isEqualTo("step 0  tiles  zero_shot_top1 0.8125\nsaved step 0\n");
  }

  /// As a terminal of 60 columns broke it: "... without m", "atrix units".
  @Test
  void aNoteBreaksBetweenItsWordsOnATerminalAndNowhereElse() throws IOException {
    String note = "precision: auto took fp32: bf16 is slower on a CPU without matrix units";
    StringBuilder shown = new StringBuilder();
    new ProgressLine(shown, true, () -> 60, UnaryOperator.identity(), 10, 1, "images", 0, () -> now)
        .note(note);
    assertThat(shown.toString())
        .isEqualTo(
            "precision: auto took fp32: bf16 is slower on a CPU without\n    matrix units\n");
    new ProgressLine(out, false, () -> 60, UnaryOperator.identity(), 10, 1, "images", 0, () -> now)
        .note(note);
    assertThat(out.toString()).isEqualTo(note + "\n");
  }

  @Test
  void aLossScaleIsShownWithTheStepsThatItCost() throws IOException {
    var fp16 =
        new StepReport(
            1,
            1.25,
            1e-3,
            0.5,
            Map.of("logit_scale", 14.0),
            32,
            64,
            1,
            0.25,
            0,
            0,
            new LossScaling.Dynamic(512, 1, 3),
            Optional.empty());
    new ProgressLine(out, false, 10, 1, 0, () -> now).step(fp16);
    assertThat(out).contains("scale 14.0  loss scale 512  skipped 3  lr 1.00e-03");
  }

  @ParameterizedTest
  @CsvSource({"0, 0 s", "59, 59 s", "60, 1 min 0 s", "3725, 1 h 2 min", "187200, 2 d 4 h"})
  void durationsHaveTwoUnits(long seconds, String expected) {
    assertThat(ProgressLine.duration(seconds)).isEqualTo(expected);
  }

  private static StepReport report(long step) {
    return new StepReport(
        step,
        1.25,
        1e-3,
        0.5,
        Map.of("logit_scale", 14.0),
        32,
        64 * step,
        1,
        0.25,
        0,
        0,
        new LossScaling.None(),
        Optional.empty());
  }
}
