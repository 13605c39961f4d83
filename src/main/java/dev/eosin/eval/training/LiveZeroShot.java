package dev.eosin.eval.training;

import dev.eosin.data.Source;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.batches.EvaluationSet;
import dev.eosin.eval.PairEmbedder;
import dev.eosin.eval.RankShare;
import dev.eosin.eval.ZeroShotEvaluation;
import dev.eosin.eval.ZeroShotResult;
import dev.eosin.random.RandomKey;
import dev.eosin.train.ConfusionCounts;
import dev.eosin.train.EvaluationReport;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/// One pass of zero-shot classification over a part of the data, shared by ranks.
///
/// @param set with its classes
/// @param source those of its samples that are looked at
/// @param prompts of each class
record LiveZeroShot(
    ZeroShotSettings settings,
    EvaluationSet set,
    Source source,
    List<List<String>> prompts,
    RankShare share) {
  /// @param batches of this rank
  /// @return empty when it was asked to stop
  Optional<EvaluationReport> run(
      long step, PairEmbedder encoder, BatchLoader batches, BooleanSupplier stop, RandomKey key)
      throws IOException {
    var evaluation = new ZeroShotEvaluation(prompts, encoder);
    int all = Math.toIntExact(source.size());
    // One more than the class at each sample's place; 0 where it was not read, or by another rank.
    float[] truth = new float[all];
    float[] found = new float[all];
    while (batches.hasNext()) {
      if (share.any(stop.getAsBoolean())) {
        return Optional.empty();
      }
      Batch batch = batches.next();
      if (batch.size() == 0) {
        continue;
      }
      int[] labels = set.classes(batch);
      batch.images().requireOneEach(batch.size());
      int[] classes = evaluation.classify(batch.images());
      for (int row = 0; row < labels.length; row++) {
        int place = Math.toIntExact(batch.rows().get(row).position());
        truth[place] = labels[row] + 1;
        found[place] = classes[row] + 1;
      }
    }
    add(evaluation, share.together(truth), share.together(found));
    return Optional.of(report(step, evaluation.result(key, settings.bootstrap())));
  }

  private void add(ZeroShotEvaluation evaluation, float[] truth, float[] found) {
    int[] read = IntStream.range(0, truth.length).filter(place -> truth[place] > 0).toArray();
    evaluation.add(
        IntStream.of(read).map(place -> Math.round(truth[place]) - 1).toArray(),
        IntStream.of(read).map(place -> Math.round(found[place]) - 1).toArray(),
        IntStream.of(read).mapToObj(place -> source.get(place).group()).toList());
  }

  private EvaluationReport report(long step, ZeroShotResult result) {
    Map<String, Double> metrics = new LinkedHashMap<>(result.metrics());
    Optional<ConfusionCounts> confusion = Optional.empty();
    if (settings.classScores()) {
      ClassScores.put(metrics, "", result.confusion(), set.labels());
      confusion = Optional.of(ClassScores.counts(result.confusion(), set.labels()));
    }
    return new EvaluationReport(step, settings.name(), metrics, confusion);
  }
}
