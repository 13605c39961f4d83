package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.OpenClipConfig;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.config.Steps;
import dev.eosin.data.batches.RowMarks;
import dev.eosin.nn.BlockExecution;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.ScheduleSettings;
import dev.eosin.train.StepLosses;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A recorded open_clip training run: every step's loss, norm, rate and scale, and the weights
/// after it. It runs on a fresh thread: a thread on which libtorch's optimising executor is still
/// on goes wrong from the second step only.
@Tag("parity")
abstract class OpenClipTrainParity {
  private static final double PARAMETER_TOLERANCE = 2e-4;
  private static final double KEY_BIAS_TOLERANCE = 1e-3;
  private final String name;

  OpenClipTrainParity(String name) {
    this.name = name;
  }

  /// How the run is reproduced.
  ///
  /// @param atOnce rows that go through a tower together, at most
  /// @param scale of the loss
  record Way(BlockExecution execution, int atOnce, double scale) {}

  static Stream<Way> ways() {
    return Stream.concat(
        ClipCase.executions().stream().map(execution -> new Way(execution, Integer.MAX_VALUE, 1)),
        Stream.of(
            new Way(new BlockExecution(true, true, 0), 3, 1),
            new Way(new BlockExecution(true, true, 0), 2, 65_536)));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void theRecordedRunIsReproducedOnAFreshThread(Way way) throws Exception {
    try (ExecutorService fresh = Executors.newSingleThreadExecutor()) {
      fresh
          .submit(
              () -> {
                run(way);
                return true;
              })
          .get();
    }
  }

  private void run(Way way) throws IOException {
    try (ClipCase recorded = ClipCase.open(name)) {
      JsonNode training = ClipCase.json(recorded.files(), "training.json");
      ClipSpec spec = OpenClipConfig.read(name, recorded.config());
      Layout layout = ClipWeights.openClip(spec);
      int steps = training.get("steps").asInt();
      var schedule =
          new ScheduleSettings.Cosine(
              new Steps(training.get("warmup_steps").asInt()), new Steps(steps));
      double peak = training.get("lr").asDouble();
      try (Clip clip = recorded.model(spec, layout, "model.safetensors", way.execution);
          AdamW optimiser = new AdamW(clip.parameters(), settings(training))) {
        checkGroups(clip, layout, training);
        for (int step = 0; step < steps; step++) {
          double rate = schedule.learningRate(peak, step);
          assertThat(rate).isEqualTo(recorded.expected().entry("lr").doubles()[step]);
          step(recorded, clip, optimiser, step, rate, way);
          if (step == 0) {
            checkWeights(clip, layout, recorded, "after_step1.");
          }
        }
        checkWeights(clip, layout, recorded, "final.");
      }
    }
  }

  static AdamWSettings settings(JsonNode training) {
    return new AdamWSettings(
        training.get("lr").asDouble(),
        List.of(training.get("betas").get(0).asDouble(), training.get("betas").get(1).asDouble()),
        training.get("eps").asDouble(),
        training.get("weight_decay").asDouble(),
        Optional.of(training.get("grad_clip_norm").asDouble()));
  }

  /// Exactly the parameters that the peer lets decay have at least two dimensions.
  private static void checkGroups(Clip clip, Layout layout, JsonNode training) {
    for (var rule : layout.rules()) {
      if (rule.name().equals("logit-bias")) {
        continue;
      }
      boolean decays = clip.parameters().get(rule.name()).data().shape().length >= 2;
      for (String foreign : rule.foreignNames()) {
        JsonNode group = training.get(decays ? "decay" : "no_decay");
        assertThat(group).as("decay group of " + foreign).anyMatch(n -> n.asText().equals(foreign));
      }
    }
  }

  private static void step(
      ClipCase recorded, Clip clip, AdamW optimiser, int step, double rate, Way way)
      throws IOException {
    int batch = (int) (step % recorded.inputs().entry("images").dimensions()[0]);
    try (Tensor pixels = row(recorded, "images", batch);
        Tensor ids = row(recorded, "texts", batch)) {
      var rows = new RecordedRows(pixels, ids);
      var losses = new StepLosses();
      ClipStep.of(clip, PairLoss.CONTRASTIVE, rows.size(), way.atOnce)
          .run(rows, way.scale, losses, optimiser);
      double loss = losses.sum().total();
      double wantedLoss = recorded.expected().floats("loss")[step];
      assertThat(loss)
          .as("loss of step " + step)
          .isCloseTo(wantedLoss, within(1e-4 * Math.max(1, wantedLoss)));
      double norm = optimiser.gradientNorm(way.scale);
      optimiser.update(rate, way.scale);
      double wantedNorm = recorded.expected().floats("grad_norm")[step];
      assertThat(norm)
          .as("gradient norm of step " + step)
          .isCloseTo(wantedNorm, within(1e-3 * wantedNorm));
      clip.clampLogitScale();
    }
    ClipCase.check(
        "logit scale after step " + step,
        clip.parameters().get("logit-scale").data().toFloats(),
        new float[] {recorded.expected().floats("logit_scale_after")[step]},
        PARAMETER_TOLERANCE);
  }

  /// The rows of a recorded batch.
  record RecordedRows(Tensor pixels, Tensor ids) implements StepRows {
    @Override
    public int size() {
      return (int) ids.size(0);
    }

    @Override
    public Tensor pixels(int from, int to) {
      return ClipCase.ENGINE.kernels().one("row_range", pixels, from, to);
    }

    @Override
    public Tensor ids(int from, int to) {
      return ClipCase.ENGINE.kernels().one("row_range", ids, from, to);
    }

    @Override
    public long position(int row) {
      return row;
    }

    @Override
    public Optional<RowMarks> marks(LossSettings.Positives positives) {
      return Optional.empty();
    }
  }

  /// Entry `index` along the first dimension of a recorded input.
  static Tensor row(ClipCase recorded, String input, int index) throws IOException {
    try (Tensor all = ClipCase.tensor(recorded.inputs(), input)) {
      long[] shape = all.shape();
      long[] rest = Arrays.copyOfRange(shape, 1, shape.length);
      int size = (int) (all.elements() / shape[0]);
      return switch (all.dtype()) {
        case INT64 ->
            ClipCase.ENGINE.of(
                Arrays.copyOfRange(all.toLongs(), index * size, (index + 1) * size), rest);
        default ->
            ClipCase.ENGINE.of(
                Arrays.copyOfRange(all.toFloats(), index * size, (index + 1) * size), rest);
      };
    }
  }

  /// The key third of the query-key-value bias has a true gradient of zero: Adam divides rounding
  /// noise by its own size there.
  private static void checkWeights(Clip clip, Layout layout, ClipCase recorded, String prefix)
      throws IOException {
    StoredTensors file = new ClipCase.Prefixed(recorded.expected(), prefix);
    int checked = 0;
    for (var rule : layout.rules()) {
      if (!file.names().containsAll(rule.foreignNames())) {
        continue;
      }
      Parameter parameter = clip.parameters().get(rule.name());
      boolean keyBias = rule.name().endsWith("query-key-value.bias");
      ClipCase.check(
          prefix + rule.name(),
          parameter.master().toFloats(),
          recordedValues(rule, file),
          keyBias ? KEY_BIAS_TOLERANCE : PARAMETER_TOLERANCE);
      checked += rule.foreignNames().size();
    }
    assertThat(checked).as("tensors compared of " + prefix).isEqualTo(file.names().size());
  }

  private static float[] recordedValues(TensorRule rule, StoredTensors file) throws IOException {
    var foreign = new ArrayList<TensorData>();
    for (String name : rule.foreignNames()) {
      foreign.add(file.entry(name));
    }
    return rule.read(foreign).floats();
  }
}
