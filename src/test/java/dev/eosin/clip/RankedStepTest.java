package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.data.batches.RowMarks;
import dev.eosin.group.Group;
import dev.eosin.group.LocalRanks;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.tensor.Tensor;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.Vit;
import dev.eosin.train.StepLosses;
import dev.eosin.train.optimisers.GradientSums;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What ranks have of a batch, each of its own rows, adds up to the step of one process.
class RankedStepTest {
  private static final ClipSpec SPEC =
      new ClipSpec(
          16,
          new Vit(24, 16, 8, 32, 2, 4, 64),
          new Causal(12, 50, 32, 2, 4, 64, new EndOfText.LargestId()),
          Activation.GELU);
  private static final BlockExecution LEAN = new BlockExecution(true, true, 0);

  /// Rows of a batch, which begin and end anywhere.
  private record Part(StepRows rows, int first, int end) implements StepRows {
    @Override
    public int size() {
      return end - first;
    }

    @Override
    public Tensor pixels(int from, int to) {
      return rows.pixels(first + from, first + to);
    }

    @Override
    public Tensor ids(int from, int to) {
      return rows.ids(first + from, first + to);
    }

    @Override
    public Optional<RowMarks> marks(LossSettings.Positives positives) {
      return rows.marks(positives).isEmpty() ? Optional.empty() : DrawnRows.marks(first, end);
    }

    @Override
    public long position(int row) {
      return rows.position(first + row);
    }
  }

  private static Clip model(DType compute, BlockExecution execution, boolean biased) {
    ClipSpec spec = biased ? SPEC.withLogitBias() : SPEC;
    Clip clip = Clip.allocate(ClipCase.ENGINE, spec, compute, true, execution);
    clip.initialise(new RandomKey(3));
    return clip;
  }

  private static Map<String, float[]> gradients(
      Clip clip, ClipStep step, StepRows rows, double scale) {
    Map<String, float[]> found = new TreeMap<>();
    try (GradientSums sums = new GradientSums(ClipCase.ENGINE)) {
      var losses = new StepLosses();
      step.run(rows, scale, losses, sums);
      double loss = losses.sum().total();
      found.put("loss", new float[] {(float) (loss * scale)});
      for (Parameter parameter : clip.parameters().all()) {
        found.put(parameter.name(), sums.of(parameter).toFloats());
      }
    }
    return found;
  }

  private static Part own(StepRows rows, Group group) {
    int first = rows.size() * group.rank() / group.size();
    return new Part(rows, first, rows.size() * (group.rank() + 1) / group.size());
  }

  private static Map<String, float[]> overRanks(
      PairLoss loss,
      StepRows rows,
      int ranks,
      int micro,
      double scale,
      DType compute,
      BlockExecution execution)
      throws Exception {
    List<Map<String, float[]>> all =
        LocalRanks.run(
            ranks,
            group -> {
              try (Clip clip = model(compute, execution, loss.settings().biased())) {
                ClipStep step = ClipStep.of(clip, loss, rows.size(), micro, group);
                return gradients(clip, step, own(rows, group), scale);
              }
            });
    Map<String, float[]> sums = new TreeMap<>(all.getFirst());
    all.stream()
        .skip(1)
        .forEach(each -> each.forEach((name, own) -> sums.merge(name, own, RankedStepTest::sum)));
    return sums;
  }

  private static float[] sum(float[] x, float[] y) {
    float[] sum = new float[x.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = x[i] + y[i];
    }
    return sum;
  }

  static Stream<Arguments> cases() {
    return Stream.of(
            new LossSettings.Contrastive(0),
            new LossSettings.Contrastive(0.1),
            new LossSettings.SigLip(),
            new LossSettings.Contrastive(
                0, LossSettings.Positives.EQUAL_CAPTIONS, Optional.empty()),
            new LossSettings.SigLip(LossSettings.Positives.SAME_LABEL),
            taught(0, LossSettings.Positives.OWN_CAPTION),
            taught(0.1, LossSettings.Positives.EQUAL_CAPTIONS))
        .flatMap(
            loss ->
                Stream.of(
                    Arguments.of(loss, 8, 2, 8),
                    Arguments.of(loss, 8, 3, 8),
                    Arguments.of(loss, 7, 4, 1),
                    Arguments.of(loss, 11, 3, 2),
                    Arguments.of(loss, 3, 3, 3)));
  }

  private static LossSettings taught(double smoothing, LossSettings.Positives positives) {
    var teaching = new DistillationSettings(LossOptionsTest.anyTeacher(), 0.7);
    return new LossSettings.Contrastive(smoothing, positives, Optional.of(teaching));
  }

  /// Of another embedding size, and sure of what it says.
  private static Clip teacher() {
    var spec = new ClipSpec(24, SPEC.image(), SPEC.text(), Activation.QUICK_GELU);
    Clip clip = Clip.allocate(ClipCase.ENGINE, spec, DType.FLOAT32, false, LEAN);
    clip.initialise(new RandomKey(4));
    clip.parameters().fill(Clip.LOGIT_SCALE, () -> 4);
    return clip;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sharesOfEveryRankAddUpToOneProcess(LossSettings settings, int b, int ranks, int micro)
      throws Exception {
    var rows = new DrawnRows(SPEC, b, 10 * b + ranks);
    try (PairLoss loss = new PairLoss(settings, settings.teaching().map(_ -> teacher()));
        Clip clip = model(DType.FLOAT32, LEAN, settings.biased())) {
      Map<String, float[]> ranked = overRanks(loss, rows, ranks, micro, 1, DType.FLOAT32, LEAN);
      compare(ranked, gradients(clip, new WholeStep(clip, loss), rows, 1), 1e-5);
    }
  }

  @Test
  void everyExecutionAndPrecisionOfBlocksMayBeSpreadOverRanks() throws Exception {
    var rows = new DrawnRows(SPEC, 7, 1);
    for (BlockExecution execution : ClipCase.executions()) {
      try (Clip clip = model(DType.FLOAT32, execution, false)) {
        compare(
            overRanks(PairLoss.CONTRASTIVE, rows, 2, 2, 1, DType.FLOAT32, execution),
            gradients(clip, new WholeStep(clip, PairLoss.CONTRASTIVE), rows, 1),
            1e-5);
      }
    }
    for (int micro : new int[] {2, 7}) {
      try (Clip clip = model(DType.BFLOAT16, LEAN, false)) {
        compare(
            overRanks(PairLoss.CONTRASTIVE, rows, 2, micro, 1, DType.BFLOAT16, LEAN),
            gradients(clip, new WholeStep(clip, PairLoss.CONTRASTIVE), rows, 1),
            2e-2);
      }
    }
  }

  @Test
  void gradientsAreMultipliedByTheScale() throws Exception {
    var rows = new DrawnRows(SPEC, 6, 2);
    for (LossSettings settings :
        List.of(new LossSettings.Contrastive(0), new LossSettings.SigLip())) {
      var loss = new PairLoss(settings);
      try (Clip clip = model(DType.FLOAT32, LEAN, settings.biased())) {
        compare(
            overRanks(loss, rows, 2, 6, 8, DType.FLOAT32, LEAN),
            gradients(clip, new WholeStep(clip, loss), rows, 8),
            1e-5);
      }
    }
  }

  /// Blocks of logits, and gradients of own embeddings: a quarter of the rows, a quarter of the
  /// work, whatever the whole batch needs.
  @Test
  void aRankPlansForItsOwnRows() {
    assertThat(PairLoss.logitsOfRank(128, 8192) * 2)
        .isEqualTo(PairLoss.logitsOfRank(256, 8192))
        .isLessThan(PairLoss.logitsInBlocks(8192) / 10);
    assertThat(PairLoss.logitsOfRank(4096, 32_768)).isEqualTo(PairLoss.logitsOfRank(8192, 32_768));
  }

  @Test
  void aLossThatIsRefusedLeavesNoGradientAndNoTensorBehind() throws Exception {
    var rows = new DrawnRows(SPEC, 5, 3);
    try (Clip clip = model(DType.FLOAT32, LEAN, false);
        GradientSums sums = new GradientSums(ClipCase.ENGINE)) {
      var refusing =
          new StepLosses(
              ScalarReads.atOnce(),
              losses -> {
                throw new IllegalStateException("refused");
              });
      long before = ClipCase.ENGINE.openTensors();
      for (int atOnce : new int[] {2, 5}) {
        ClipStep step = RankedStep.of(clip, PairLoss.CONTRASTIVE, atOnce, Group.ALONE);
        assertThatThrownBy(() -> step.run(rows, 1, refusing, sums)).hasMessage("refused");
        assertThat(ClipCase.ENGINE.openTensors()).isEqualTo(before);
      }
    }
  }

  @Test
  void nothingIsLeftOpenAndAFrozenScaleHasNoGradient() throws Exception {
    var rows = new DrawnRows(SPEC, 5, 3);
    List<String> delivered = new ArrayList<>();
    try (Clip clip =
        Clip.allocate(ClipCase.ENGINE, SPEC, DType.FLOAT32, Set.of(Clip.LOGIT_SCALE), LEAN)) {
      clip.initialise(new RandomKey(3));
      long before = ClipCase.ENGINE.openTensors();
      RankedStep.of(clip, PairLoss.CONTRASTIVE, 5, Group.ALONE)
          .run(
              rows,
              1,
              new StepLosses(),
              (ready, gradients) -> {
                ready.forEach(parameter -> delivered.add(parameter.name()));
                gradients.forEach(Tensor::close);
              });
      assertThat(ClipCase.ENGINE.openTensors()).isEqualTo(before);
      assertThat(delivered).isNotEmpty().doesNotContain(Clip.LOGIT_SCALE);
    }
  }

  private static void compare(
      Map<String, float[]> found, Map<String, float[]> wanted, double tolerance) {
    assertThat(found.keySet()).isEqualTo(wanted.keySet());
    wanted.forEach(
        (name, values) -> {
          double size = 1;
          for (float value : values) {
            size = Math.max(size, Math.abs(value));
          }
          assertThat(found.get(name))
              .as(name)
              .containsExactly(values, within((float) (tolerance * size)));
        });
  }
}
