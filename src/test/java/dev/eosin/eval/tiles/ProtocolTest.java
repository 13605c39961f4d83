package dev.eosin.eval.tiles;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.eval.probes.GradientProbe;
import dev.eosin.eval.probes.LogisticRegression;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What publications' code has, as it was read.
class ProtocolTest {
  private static final RandomKey KEY = new RandomKey(3);

  private static <T extends TileTask> T task(Protocol protocol, Class<T> type) {
    return type.cast(protocol.tasks().stream().filter(type::isInstance).findFirst().orElseThrow());
  }

  @Test
  void probesAreThoseOfThePublishedCode() {
    // LinearProber and clip_ex.py: SGDClassifier(loss log_loss, max_iter 10000, balanced).
    for (Protocol each : new Protocol[] {Protocol.PLIP, Protocol.MULTIMODAL_PROBES}) {
      var sgd = task(each, TileTask.StochasticProbe.class);
      assertThat(sgd.balanced()).as(each.version()).isTrue();
      assertThat(sgd.passes()).isEqualTo(10_000);
    }
    assertThat(task(Protocol.MULTIMODAL_PROBES, TileTask.StochasticProbe.class).alphas())
        .containsExactly(0.001);
    // linprobe.yaml: COST 0.5, BALANCED True.
    var linear = task(Protocol.PATHO_BENCH, TileTask.LinearProbe.class);
    assertThat(linear.strengths()).containsExactly(0.5);
    assertThat(linear.balanced()).isTrue();
    assertThat(linear.adaptive()).isFalse();
    assertThat(Protocol.PATHO_BENCH.bootstrap()).isEqualTo(100);
    // CLIP_benchmark's cli.py: fewshot_lr 0.1, fewshot_epochs 10, batch_size 64.
    var decay = task(Protocol.QUILTNET_LINEAR_PROBE, DecayProbeTask.class);
    assertThat(decay.lr()).isEqualTo(0.1);
    assertThat(decay.epochs()).isEqualTo(10);
    assertThat(decay.batch()).isEqualTo(64);
    assertThat(decay.runs()).isEqualTo(5);
    assertThat(decay.single()).hasSize(3);
    // torch's AdamW and ConstantLR as they are by themselves.
    var gradient = task(Protocol.EVA, TileTask.Gradient.class);
    assertThat(gradient.weightDecay()).isEqualTo(0.01);
    assertThat(gradient.slowEpochs()).isEqualTo(5);
    assertThat(gradient.updates()).contains(12_500);
    var layer = task(Protocol.MULTIMODAL_PROBES, TileTask.Gradient.class);
    assertThat(layer.epochs()).contains(80);
    assertThat(layer.batch()).isEqualTo(512);
    assertThat(layer.weightDecay()).isZero();
    assertThat(layer.chooses()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void theDocsHaveItsSourcesWordForWord(Protocol protocol) throws Exception {
    String docs = Files.readString(Path.of("docs/formats.md"));
    String name = protocol.name().toLowerCase(Locale.ROOT).replace('_', '-');
    assertThat(docs).contains("| `%s` (%s) |".formatted(name, protocol.version()));
    for (String source : protocol.sources()) {
      assertThat(docs).contains(source.substring(1));
    }
  }

  private static double[] fitted(double lr, int slowEpochs, long updates) {
    RandomStream random = KEY.stream(RandomKey.Purpose.BOOTSTRAP, 0, 0);
    double[][] vectors = new double[8][3];
    int[] labels = new int[vectors.length];
    for (int row = 0; row < vectors.length; row++) {
      labels[row] = row % 2;
      for (int c = 0; c < 3; c++) {
        vectors[row][c] = random.nextDouble() + labels[row];
      }
    }
    var settings = new GradientProbe.Settings(lr, 0, vectors.length, updates, 1, slowEpochs);
    return GradientProbe.fit(
            LogisticRegression.Rows.equal(vectors, labels, 2),
            new GradientProbe.Validation(new double[0][], new int[0]),
            settings,
            KEY,
            0)
        .weights();
  }

  @Test
  void slowEpochsHaveAThirdOfTheRateAndTheOthersAllOfIt() {
    assertThat(fitted(3e-3, 2, 2)).isEqualTo(fitted(1e-3, 0, 2));
    assertThat(Arrays.equals(fitted(3e-3, 2, 3), fitted(1e-3, 0, 3))).isFalse();
  }
}
