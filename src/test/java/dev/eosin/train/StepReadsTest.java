package dev.eosin.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.group.Group;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

/// Steps whose numbers are read at their end, where these are not finite. That finite ones are the
/// same either way is in every family's contract.
class StepReadsTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);
  private static final Batch BATCH =
      new Batch(
          0, List.of(), new BatchImages(new byte[0], 0, 0, new int[0]), Map.of(), List.of(), 0);

  /// One weight, with a loss and a gradient of the test's choice.
  private record Chosen(ParameterSet parameters, DType compute, float loss, float gradient)
      implements Learner {
    static Chosen of(DType compute, float loss, float gradient) {
      var weight = new ParameterSet.Spec("weight", new long[] {1}, true, true);
      return new Chosen(
          ParameterSet.allocate(ENGINE, List.of(weight), compute), compute, loss, gradient);
    }

    @Override
    public double weight(Batch batch) {
      return 1;
    }

    @Override
    public void differentiate(
        Batch batch, double weight, double scale, StepLosses losses, GradientSink sink) {
      try (Tensor value = ENGINE.scalar(loss)) {
        losses.add(value);
      }
      losses.known();
      sink.accept(parameters.named("weight"), List.of(ENGINE.of(new float[] {gradient}, 1)));
    }

    @Override
    public double measure(Batch batch) {
      return loss;
    }

    @Override
    public LossRange range(Batch batch) {
      return new LossRange(0, 1, 0);
    }

    @Override
    public void updated(long update) {}

    @Override
    public Map<String, DoubleSupplier> figures(ScalarReads reads) {
      return Map.of("weight", reads.read(parameters.get("weight").master()));
    }

    @Override
    public void close() {
      parameters.close();
    }
  }

  private static AdamW adamW(Learner learner) {
    return new AdamW(
        learner.parameters(),
        new AdamWSettings(0.1, List.of(0.9, 0.98), 1e-6, 0, Optional.empty()));
  }

  private static Updater updater(Learner learner, AdamW optimiser) {
    LossScaling scaling = LossScaling.of(learner.compute(), CheckpointState.beginning(1, Map.of()));
    return new Updater(
        learner, optimiser, Optional.empty(), Group.ALONE, scaling, true, StepReads.TOGETHER);
  }

  private static Updater.Outcome step(float loss, float gradient, DoubleConsumer judge) {
    try (Chosen learner = Chosen.of(DType.FLOAT32, loss, gradient);
        AdamW optimiser = adamW(learner)) {
      return updater(learner, optimiser).step(BATCH, 0.1, 1, judge, phase -> {});
    }
  }

  @Test
  void aGradientThatIsNotFiniteEndsTheRun() {
    List<Double> judged = new ArrayList<>();
    Updater.Outcome done = step(2, Float.NaN, judged::add);
    assertThat(judged).containsExactly(2.0);
    assertThat(done.applied()).isFalse();
    assertThat(done.left()).isEmpty();
    assertThat(done.norm()).isNaN();
  }

  @Test
  void aLossThatIsNotFiniteIsJudged() {
    long before = ENGINE.openTensors();
    assertThatThrownBy(
            () ->
                step(
                    Float.POSITIVE_INFINITY,
                    1,
                    loss -> {
                      throw new DivergedException("the loss is " + loss);
                    }))
        .isInstanceOf(DivergedException.class)
        .hasMessage("the loss is Infinity");
    assertThat(ENGINE.openTensors()).isEqualTo(before);
  }

  @Test
  void figuresAreThoseBehindTheUpdate() {
    assertThat(step(2, 1, loss -> {}).figures().get("weight")).isBetween(-0.101, -0.099);
  }

  @Test
  void aStepThatMayBeLeftOutCannotBeReadAtItsEnd() {
    try (Chosen learner = Chosen.of(DType.FLOAT16, 1, 1);
        AdamW optimiser = adamW(learner)) {
      assertThatThrownBy(() -> updater(learner, optimiser))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no loss scale");
      assertThat(StepReads.of(learner, optimiser, Group.ALONE)).isEqualTo(StepReads.AS_FOUND);
    }
  }
}
