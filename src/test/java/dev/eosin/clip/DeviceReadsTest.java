package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import dev.eosin.tensor.MatrixProducts;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.Vit;
import dev.eosin.train.StepLosses;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What a step reads of its device between its passes: a GPU would be waited for at each of these
/// places. That it is waited for once, at a step's end, is in every family's contract.
class DeviceReadsTest {
  private static final ClipSpec SPEC =
      new ClipSpec(
          16,
          new Vit(24, 16, 8, 32, 2, 4, 64),
          new Causal(12, 50, 32, 2, 4, 64, new EndOfText.LargestId()),
          Activation.GELU);
  private static final AdamWSettings ADAMW =
      new AdamWSettings(1e-3, List.of(0.9, 0.98), 1e-6, 0.1, Optional.of(1.0));

  /// Counts the copies to the host.
  private static final class Reads implements KernelListener {
    private final List<String> seen = new ArrayList<>();

    @Override
    public boolean listens() {
      return true;
    }

    @Override
    public void called(String kernel, long startedNanos, long endedNanos) {
      if (kernel.startsWith("to_host")) {
        seen.add(kernel);
      }
    }

    int taken() {
      int count = seen.size();
      seen.clear();
      return count;
    }
  }

  @Test
  void aStepReadsItsLossAndItsNormAndNothingElse() {
    var reads = new Reads();
    Engine engine = Engine.start(Device.CPU, 1, MatrixProducts.LIBTORCH, reads);
    try (Clip clip =
            Clip.allocate(engine, SPEC, DType.BFLOAT16, true, new BlockExecution(true, false, 0));
        var optimiser = new AdamW(clip.parameters(), ADAMW)) {
      clip.initialise(new RandomKey(3));
      for (ClipStep step :
          List.of(
              new WholeStep(clip, PairLoss.CONTRASTIVE),
              new CachedStep(clip, PairLoss.CONTRASTIVE, 3))) {
        reads.taken();
        step.run(new DrawnRows(SPEC, 7, 1), 1, new StepLosses(), optimiser);
        assertThat(reads.taken()).as("reads of %s", step.getClass().getSimpleName()).isEqualTo(1);
        optimiser.gradientNorm(1);
        assertThat(reads.taken()).as("reads of the norm").isEqualTo(1);
        optimiser.update(ADAMW.lr());
        clip.clampLogitScale();
        optimiser.dropGradients();
        assertThat(reads.taken()).as("reads of the update").isZero();
      }
    }
  }
}
