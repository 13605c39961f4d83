package dev.eosin.run;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.clip.ClipLearner;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.opened.DataSets;
import dev.eosin.eval.PairEmbedder;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.Opened;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.OptionalAverage;
import dev.eosin.train.StepLosses;
import dev.eosin.train.TrainingCheckpoint;
import dev.eosin.train.optimisers.GradientSums;
import dev.eosin.train.optimisers.Optimiser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// What a recipe builds, at its first weights or at those of a run's newest checkpoint, for tests
/// to look at.
final class LoadedRun implements AutoCloseable {
  private final TrainableRecipe recipe;
  private final Engine engine;
  private final DataSets data;
  private final Opened opened;
  private final ClipLearner learner;
  private final Optimiser optimiser;
  private final OptionalAverage average;

  private LoadedRun(Engine engine, TrainableRecipe recipe) throws IOException {
    this.recipe = recipe;
    this.engine = engine;
    this.data = recipe.experiment().data();
    this.opened = recipe.experiment().open(engine, data);
    this.learner = (ClipLearner) opened.learner();
    this.optimiser = Optimisers.of(recipe, opened);
    this.average = OptionalAverage.of(recipe.ema(), learner.parameters());
  }

  /// With the recipe's first weights.
  static LoadedRun first(Engine engine, SmallRun run, List<String> overrides) throws IOException {
    var loaded = new LoadedRun(engine, TrainableRecipe.read(run.recipe(), overrides));
    loaded.opened.begin();
    return loaded;
  }

  /// With the weights of the newest checkpoint.
  static LoadedRun newest(Engine engine, SmallRun run, List<String> overrides) throws IOException {
    var loaded = new LoadedRun(engine, TrainableRecipe.read(run.recipe(), overrides));
    Checkpoint checkpoint =
        new CheckpointStore(run.folder().resolve("checkpoints"), 1, "test")
            .newestValid()
            .checkpoint()
            .orElseThrow();
    TrainingCheckpoint.restore(
        loaded.learner, loaded.optimiser, loaded.average.average(), checkpoint);
    return loaded;
  }

  /// Names of the weights that are trained.
  List<String> trained() {
    return optimiser.parameters().stream().map(Parameter::name).toList();
  }

  /// The weights as a checkpoint has them.
  Map<String, float[]> weights() {
    var weights = new TreeMap<String, float[]>();
    for (Parameter parameter : learner.parameters().all()) {
      weights.put(parameter.name(), parameter.master().toFloats());
    }
    return weights;
  }

  /// Loss and gradients of the first training batch.
  Map<String, float[]> gradients() throws IOException {
    var found = new TreeMap<String, float[]>();
    try (BatchLoader batches =
            data.previewBatches(
                new RandomKey(recipe.seed()), recipe.batch(), recipe.batch().global());
        GradientSums sums = new GradientSums(engine)) {
      Batch batch = batches.next();
      var losses = new StepLosses();
      learner.differentiate(batch, learner.weight(batch), 1, losses, sums);
      found.put("loss", new float[] {(float) losses.sum().total()});
      for (Parameter parameter : optimiser.parameters()) {
        if (sums.has(parameter)) {
          found.put(parameter.name(), sums.of(parameter).toFloats());
        }
      }
    }
    return found;
  }

  /// Features of the first validation pairs, images then texts.
  ///
  /// @param averaged whether by the moving average
  float[][] features(boolean averaged) throws IOException {
    if (averaged) {
      try (var shown = average.average().orElseThrow().show()) {
        return features(false);
      }
    }
    int rows = recipe.batch().global();
    try (BatchLoader batches =
        data.evaluationBatches(DataSets.VALIDATION, data.validation().orElseThrow(), rows)) {
      try (PairEmbedder.Pairs pairs = learner.encoder().pairs(batches.next())) {
        List<float[]> both = new ArrayList<>(rows(pairs.images()));
        both.addAll(rows(pairs.texts()));
        return both.toArray(float[][]::new);
      }
    }
  }

  private static List<float[]> rows(Tensor features) {
    float[] flat = features.toFloats();
    int e = (int) features.size(1);
    return IntStream.range(0, flat.length / e)
        .mapToObj(row -> Arrays.copyOfRange(flat, row * e, (row + 1) * e))
        .toList();
  }

  /// The recipe's evaluations of the weights, by name.
  Map<String, Map<String, Double>> evaluations() throws IOException {
    var metrics = new TreeMap<String, Map<String, Double>>();
    for (var scheduled : opened.evaluations(Extent.WHOLE, () -> false)) {
      var report = scheduled.evaluation().run(0).orElseThrow();
      metrics.put(report.name(), report.metrics());
    }
    return metrics;
  }

  @Override
  public void close() {
    average.close();
    optimiser.close();
    opened.close();
  }
}
