package dev.eosin.qformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.group.Group;
import dev.eosin.group.LocalRanks;
import dev.eosin.language.TokenMask;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Dropout;
import dev.eosin.nn.Pass;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.HardNegatives;
import dev.eosin.train.Losses;
import dev.eosin.train.StepLosses;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A batch whole, in parts, and on ranks: the same draws, the same dropout, losses and gradients.
class AlignmentStepTest {
  private static final double TOLERANCE = 2e-4;
  private static final ParityCase CASE = ParityCase.open("blip2-stage1-drawn");
  private static final RandomKey KEY = new RandomKey(5);
  private static final int ROWS = 16;

  private record Result(Losses losses, Map<String, float[]> gradients) {}

  /// The recorded rows of all batches, repeated to sixteen.
  private static AlignmentStep.Batch batch(RecordedAlignment each, int from, int to)
      throws IOException {
    RecordedQFormer recorded = each.recorded();
    long[] shape = recorded.shape("pixel_values");
    int there = (int) (shape[0] * shape[1]);
    int[] rows = IntStream.range(from, to).map(row -> row % there).toArray();
    float[] pixels = recorded.inputs().floats("pixel_values");
    int size = pixels.length / there;
    float[] some = new float[rows.length * size];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(pixels, rows[i] * size, some, i * size, size);
    }
    long[] ids = recorded.inputs().longs("input_ids");
    int width = ids.length / there;
    CaptionRows captions =
        new CaptionRows(ids, new TokenMask(there, width, recorded.inputs().longs("attention_mask")))
            .chosen(rows);
    try (Forward graph = new Forward(RecordedQFormer.ENGINE);
        Tensor images =
            RecordedQFormer.ENGINE.of(some, rows.length, shape[2], shape[3], shape[4])) {
      Pass pass = recorded.pass(graph);
      Tensor states = each.tower().of(pass, images).data();
      return new AlignmentStep.Batch(
          RecordedQFormer.ENGINE.kernels().one("copied", states),
          captions,
          LongStream.range(100 + from, 100 + to).toArray());
    }
  }

  private static Alignment dropping(Alignment model) {
    QFormer qformer =
        new QFormer(model.qformer().prefix(), model.qformer().spec().with(new Dropout(0.2, 0.1)));
    return new Alignment(
        model.norm(),
        qformer,
        new AlignmentHeads(qformer, model.heads().prefix(), model.heads().embedSize()),
        model.begin(),
        model.smoothing());
  }

  private static Result run(RecordedAlignment each, Group group, int atOnce) throws IOException {
    return run(each, group, atOnce, BlockExecution.PLAIN);
  }

  private static Result run(
      RecordedAlignment each, Group group, int atOnce, BlockExecution execution)
      throws IOException {
    int own = ROWS / group.size();
    AlignmentStep.Batch batch = batch(each, group.rank() * own, (group.rank() + 1) * own);
    Map<String, float[]> gradients = new HashMap<>();
    try (Tensor states = batch.states()) {
      AlignmentStep step =
          new AlignmentStep(
              dropping(each.model()), each.recorded().parameters(), execution, KEY, group, atOnce);
      double[] judged = new double[1];
      var found = new StepLosses(ScalarReads.atOnce(), known -> judged[0] = known.sum().total());
      step.differentiate(
          batch,
          1,
          found,
          (parameters, tensors) -> {
            for (int i = 0; i < tensors.size(); i++) {
              gradients.merge(
                  parameters.get(i).name(), tensors.get(i).toFloats(), AlignmentStepTest::sum);
              tensors.get(i).close();
            }
          });
      Losses losses = found.sum();
      assertThat(judged[0]).isCloseTo(losses.total(), within(1e-6));
      assertThat(states.elements()).isPositive();
      return new Result(losses, gradients);
    }
  }

  private static float[] sum(float[] x, float[] y) {
    float[] sum = new float[x.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = x[i] + y[i];
    }
    return sum;
  }

  private static void assertSame(Result whole, Result other) {
    whole
        .losses
        .parts()
        .forEach(
            (name, loss) ->
                assertThat(other.losses.parts().get(name))
                    .as(name)
                    .isCloseTo(loss, within(TOLERANCE)));
    assertThat(other.gradients.keySet()).isEqualTo(whole.gradients.keySet());
    whole.gradients.forEach(
        (name, gradient) -> {
          float[] found = Objects.requireNonNull(other.gradients.get(name));
          for (int i = 0; i < gradient.length; i++) {
            assertThat(found[i])
                .as("%s at %d", name, i)
                .isCloseTo(
                    gradient[i], within((float) (TOLERANCE * Math.max(1, Math.abs(gradient[i])))));
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 4, 5})
  void partsOfABatchAddUpToTheWhole(int atOnce) throws IOException {
    try (RecordedAlignment each = RecordedAlignment.open(CASE, true, true)) {
      assertSame(run(each, Group.ALONE, ROWS), run(each, Group.ALONE, atOnce));
    }
  }

  /// With dropout, padding, and a norm of the image's tokens that is trained, too.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void layersWithTheirOwnBackwardAreThoseOfAutograd(int recomputeEvery) throws IOException {
    try (RecordedAlignment each = RecordedAlignment.open(CASE, true, true)) {
      BlockExecution lean = new BlockExecution(false, true, recomputeEvery);
      assertSame(run(each, Group.ALONE, ROWS), run(each, Group.ALONE, ROWS, lean));
      assertSame(run(each, Group.ALONE, 5), run(each, Group.ALONE, 5, lean));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 4})
  void ranksAddUpToTheWhole(int atOnce) throws Exception {
    Result whole;
    try (RecordedAlignment each = RecordedAlignment.open(CASE, true, true)) {
      whole = run(each, Group.ALONE, ROWS);
    }
    List<Result> ranks =
        LocalRanks.run(
            2,
            group -> {
              try (RecordedAlignment each = RecordedAlignment.open(CASE, true, true)) {
                return run(each, group, atOnce);
              }
            });
    Map<String, Double> parts = new HashMap<>(ranks.getFirst().losses.parts());
    ranks.getLast().losses.parts().forEach((name, loss) -> parts.merge(name, loss, Double::sum));
    Map<String, float[]> gradients = new HashMap<>(ranks.getFirst().gradients);
    ranks
        .getLast()
        .gradients
        .forEach((name, gradient) -> gradients.merge(name, gradient, AlignmentStepTest::sum));
    assertSame(whole, new Result(new Losses(0, parts), gradients));
  }

  @Test
  void dropoutIsOfTheSampleAndChangesTheLosses() throws IOException {
    try (RecordedAlignment each = RecordedAlignment.open(CASE, true, true)) {
      Result first = run(each, Group.ALONE, ROWS);
      assertSame(first, run(each, Group.ALONE, ROWS));
      AlignmentStep.Batch batch = batch(each, 0, ROWS);
      try (Tensor states = batch.states()) {
        AlignmentStep step =
            new AlignmentStep(
                dropping(each.model()),
                each.recorded().parameters(),
                BlockExecution.PLAIN,
                KEY,
                Group.ALONE,
                ROWS);
        double measured = step.measure(batch).total();
        assertThat(Math.abs(measured - first.losses.total())).isGreaterThan(1e-3);
        assertThat(states.elements()).isPositive();
      }
    }
  }

  @Test
  void bfloat16LearnsFromFeaturesInFp32() throws IOException {
    try (RecordedAlignment each = RecordedAlignment.open(CASE, true, true);
        ParameterSet narrow = narrow(each)) {
      Result wide = run(each, Group.ALONE, ROWS);
      AlignmentStep.Batch batch = batch(each, 0, ROWS);
      try (Tensor states = batch.states()) {
        assertThat(states.dtype()).isEqualTo(DType.FLOAT32);
        AlignmentStep step =
            new AlignmentStep(
                dropping(each.model()), narrow, BlockExecution.PLAIN, KEY, Group.ALONE, ROWS);
        Set<String> received = new HashSet<>();
        var found = new StepLosses();
        step.differentiate(
            batch,
            1,
            found,
            (parameters, tensors) -> {
              parameters.forEach(parameter -> received.add(parameter.name()));
              tensors.forEach(Tensor::close);
            });
        Losses losses = found.sum();
        assertThat(received).isEqualTo(wide.gradients.keySet());
        // Draws may differ, and with them what is judged: what is told does not depend on them.
        assertThat(losses.parts().get("itg"))
            .isCloseTo(wide.losses.parts().get("itg"), within(0.1));
        assertThat(losses.parts().get("itm")).isFinite();
      }
    }
  }

  private static ParameterSet narrow(RecordedAlignment each) {
    List<ParameterSet.Spec> specs =
        each.model().parts().stream()
            .flatMap(part -> part.weights().stream())
            .map(weight -> weight.spec(true))
            .toList();
    ParameterSet narrow = ParameterSet.allocate(RecordedQFormer.ENGINE, specs, DType.BFLOAT16);
    for (ParameterSet.Spec spec : specs) {
      narrow.assign(spec.name(), each.recorded().parameters().get(spec.name()).data());
    }
    return narrow;
  }

  @Test
  void theFirstColumnWhoseShareExceedsTheUniformIsDrawn() {
    float[] shares = {9, 0, 0.25f, 0.5f, 0.25f};
    assertThat(HardNegatives.drawn(shares, 1, 5, 0)).isEqualTo(1);
    assertThat(HardNegatives.drawn(shares, 1, 5, 0.2499)).isEqualTo(1);
    assertThat(HardNegatives.drawn(shares, 1, 5, 0.25)).isEqualTo(2);
    assertThat(HardNegatives.drawn(shares, 1, 5, 0.9999)).isEqualTo(3);
    assertThatThrownBy(() -> HardNegatives.drawn(new float[2], 0, 2, 0.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least two rows");
  }
}
