package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.batches.BatchShare;
import dev.eosin.data.opened.DataSets;
import dev.eosin.experiment.Opened;
import dev.eosin.experiment.RunSettings;
import dev.eosin.group.Group;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import dev.eosin.tensor.Parameter;
import dev.eosin.train.LossScaling;
import dev.eosin.train.StepLosses;
import dev.eosin.train.StepReads;
import dev.eosin.train.Updater;
import dev.eosin.train.optimisers.GradientSums;
import dev.eosin.train.optimisers.Optimiser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/// What a recipe's model comes to within a few updates on one rank, for comparisons.
///
/// @param losses of the updates
/// @param figures of the learner, after each
/// @param reads of the device in each
/// @param weights that are trained, by name
record FirstSteps(
    List<Double> losses,
    List<Map<String, Double>> figures,
    List<Integer> reads,
    Map<String, float[]> weights) {
  private static final int UPDATES = 4;

  /// Counts the copies to the host.
  private static final class Reads implements KernelListener {
    private int count;

    @Override
    public boolean listens() {
      return true;
    }

    @Override
    public void called(String kernel, long startedNanos, long endedNanos) {
      if (kernel.startsWith("to_host")) {
        count++;
      }
    }
  }

  /// After four updates.
  static FirstSteps train(RunSettings settings, Group group) throws IOException {
    return train(settings, group, StepReads.AS_FOUND);
  }

  /// As above.
  ///
  /// @param when numbers are read
  static FirstSteps train(RunSettings settings, Group group, StepReads when) throws IOException {
    var reads = new Reads();
    DataSets data = settings.experiment().data();
    var key = new RandomKey(settings.seed());
    var share = new BatchShare(settings.batch().global(), group.rank(), group.size());
    try (Opened opened =
            settings.experiment().open(settings.compute().start(reads, group), data, group);
        Optimiser optimiser = Optimisers.of(settings, opened, group);
        BatchLoader batches = data.sharedBatches(key, settings.batch(), share, 0)) {
      opened.begin();
      var state = CheckpointState.beginning(settings.seed(), Map.of());
      LossScaling scaling = LossScaling.of(opened.learner().compute(), state);
      var updater =
          new Updater(opened.learner(), optimiser, Optional.empty(), group, scaling, true, when);
      List<Updater.Outcome> outcomes = new ArrayList<>();
      List<Integer> counts = new ArrayList<>();
      for (int step = 1; step <= UPDATES; step++) {
        reads.count = 0;
        Updater.Outcome done = updater.step(batches.next(), 1e-3, step, loss -> {}, phase -> {});
        assertThat(done.applied()).isTrue();
        outcomes.add(done);
        counts.add(reads.count);
      }
      Map<String, float[]> weights = new TreeMap<>();
      for (Parameter parameter : opened.learner().parameters().trainable()) {
        weights.put(parameter.name(), parameter.master().toFloats());
      }
      return new FirstSteps(
          outcomes.stream().map(each -> each.losses().total()).toList(),
          outcomes.stream().map(Updater.Outcome::figures).toList(),
          counts,
          weights);
    }
  }

  static Opened open(RunSettings settings, DataSets data, Group group) throws IOException {
    return settings.experiment().open(settings.compute().start(), data, group);
  }

  /// The loss of the first batch and its gradients, by name.
  static Map<String, float[]> gradients(RunSettings settings) throws IOException {
    DataSets data = settings.experiment().data();
    Batch batch = data.plainBatches(new RandomKey(settings.seed()), settings.batch(), 1).getFirst();
    Engine engine = settings.compute().start();
    try (Opened opened = settings.experiment().open(engine, data);
        GradientSums sums = new GradientSums(engine)) {
      opened.begin();
      double weight = opened.learner().weight(batch);
      var losses = new StepLosses();
      opened.learner().differentiate(batch, weight, 1, losses, sums);
      Map<String, float[]> found = new TreeMap<>();
      found.put("loss", new float[] {(float) losses.sum().total()});
      for (Parameter parameter : opened.learner().parameters().trainable()) {
        if (sums.has(parameter)) {
          found.put(parameter.name(), sums.of(parameter).toFloats());
        }
      }
      assertThat(found).hasSizeGreaterThan(1);
      return found;
    }
  }

  /// By hand: a library's comparison of a table of words takes minutes.
  ///
  /// @param rounding relative to the largest number of a weight and to 1
  static void assertClose(
      Map<String, float[]> actual, Map<String, float[]> expected, float rounding) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (name, values) -> {
          float[] found = Objects.requireNonNull(actual.get(name));
          assertThat(found).as(name).hasSameSizeAs(values);
          float size = 1;
          float distance = 0;
          for (int i = 0; i < values.length; i++) {
            size = Math.max(size, Math.abs(values[i]));
            distance = Math.max(distance, Math.abs(values[i] - found[i]));
          }
          assertThat(distance).as(name).isLessThanOrEqualTo(rounding * size);
        });
  }
}
