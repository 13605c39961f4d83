package dev.eosin.eval;

import dev.eosin.config.DataException;
import dev.eosin.config.Steps;
import dev.eosin.data.Batch;
import dev.eosin.data.BatchLoader;
import dev.eosin.data.DataSets;
import dev.eosin.data.EvaluationSet;
import dev.eosin.data.Source;
import dev.eosin.data.Tokens;
import dev.eosin.random.RandomKey;
import dev.eosin.train.Cadence;
import dev.eosin.train.Evaluation;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.Scheduled;
import java.io.IOException;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/// The evaluations of a recipe whose model embeds images and texts, ready to run on the model as it
/// stands.
///
/// Retrieval is measured over a whole set, so that no batch size enters it; the loss within batches
/// of the recipe's size, as it is trained, whose rows are drawn from all over the set.
///
/// @param settings in the recipe's order
/// @param length of the run
/// @param batch rows of a batch
/// @param mostSamples of each evaluation, spread over its set
/// @param stop asked before each batch
public record EmbeddingEvaluations(
    List<EmbeddingEvaluation> settings,
    Steps length,
    int batch,
    DataSets data,
    PairEmbedder encoder,
    RandomKey key,
    int mostSamples,
    BooleanSupplier stop) {
  /// In the recipe's order; checkpoints are ranked by the first zero-shot evaluation's top-1, or by
  /// the first one's recall where there is none.
  public List<Scheduled> scheduled() throws DataException {
    var scheduled = new ArrayList<Scheduled>();
    Optional<EmbeddingEvaluation> ranking = ranking();
    for (EmbeddingEvaluation each : settings) {
      Cadence cadence = new Cadence(each.every(), length);
      Optional<String> score = ranking.filter(each::equals).map(EmbeddingEvaluations::rankedBy);
      scheduled.add(new Scheduled(evaluation(each), cadence, score));
    }
    return scheduled;
  }

  private Optional<EmbeddingEvaluation> ranking() {
    return settings.stream()
        .filter(ZeroShotSettings.class::isInstance)
        .findFirst()
        .or(() -> settings.stream().findFirst());
  }

  private static String rankedBy(EmbeddingEvaluation settings) {
    return switch (settings) {
      case ZeroShotSettings tiles -> "zero_shot_top1";
      case ValidationSettings pairs -> "image_to_text_recall_at_1";
    };
  }

  private Evaluation evaluation(EmbeddingEvaluation settings) throws DataException {
    return switch (settings) {
      case ZeroShotSettings tiles -> {
        EvaluationSet set = classes(tiles, data);
        List<List<String>> prompts = tiles.prompts(set);
        yield step -> zeroShot(step, tiles, set, prompts);
      }
      case ValidationSettings pairs -> {
        Source shuffled = validation().shuffled(key);
        yield step -> pairs(step, pairs, shuffled);
      }
    };
  }

  /// The labelled tiles of a zero-shot evaluation.
  ///
  /// @throws DataException when they have fewer than two classes
  public static EvaluationSet classes(ZeroShotSettings tiles, DataSets data) throws DataException {
    return switch (tiles.data()) {
      case TRAIN -> EvaluationSet.of("data.train", data.train());
      case VALIDATION -> EvaluationSet.of("data.validation", data.validation().orElseThrow());
    };
  }

  /// What each evaluation asks, one line each.
  public static List<String> questions(List<EmbeddingEvaluation> settings, DataSets data)
      throws DataException {
    List<String> questions = new ArrayList<>();
    for (EmbeddingEvaluation each : settings) {
      questions.add(question(each, data));
    }
    return questions;
  }

  private static String question(EmbeddingEvaluation settings, DataSets data) throws DataException {
    return switch (settings) {
      case ZeroShotSettings tiles -> {
        EvaluationSet set = classes(tiles, data);
        List<List<String>> prompts = tiles.prompts(set);
        yield "%s: %d tiles, %d classes, prompts per class %d, first '%s'"
            .formatted(
                tiles.name(),
                set.source().size(),
                prompts.size(),
                tiles.prompts().size(),
                prompts.getFirst().getFirst());
      }
      case ValidationSettings pairs ->
          "%s: %d pairs".formatted(pairs.name(), data.validation().orElseThrow().size());
    };
  }

  private Source validation() {
    return data.validation().orElseThrow().spread(mostSamples);
  }

  private Optional<EvaluationReport> zeroShot(
      long step, ZeroShotSettings asked, EvaluationSet set, List<List<String>> prompts)
      throws IOException {
    var evaluation = new ZeroShotEvaluation(prompts, encoder);
    Source source = set.source().spread(mostSamples);
    try (BatchLoader batches = data.evaluationBatches(source, batch)) {
      while (batches.hasNext()) {
        if (stop.getAsBoolean()) {
          return Optional.empty();
        }
        Batch batch = batches.next();
        if (batch.size() == 0) {
          continue;
        }
        List<Optional<String>> groups =
            batch.rows().stream().map(row -> source.get(row.position()).group()).toList();
        evaluation.add(batch.images().onHeap(), set.classes(batch), groups);
      }
    }
    return Optional.of(
        new EvaluationReport(
            step, asked.name(), evaluation.result(key, asked.bootstrap()).metrics()));
  }

  private Optional<EvaluationReport> pairs(long step, ValidationSettings asked, Source source)
      throws IOException {
    double lossSum = 0;
    long rows = 0;
    try (PairFeatures features = encoder.roomFor(Math.toIntExact(source.size()));
        BatchLoader batches = data.evaluationBatches(source, batch)) {
      while (batches.hasNext()) {
        if (stop.getAsBoolean()) {
          return Optional.empty();
        }
        Batch batch = batches.next();
        if (batch.size() == 0) {
          continue;
        }
        try (PairEmbedder.Pairs embedded = encoder.pairs(batch)) {
          features.add(embedded.images(), embedded.texts(), captions(batch));
          lossSum += embedded.loss() * batch.size();
        }
        rows += batch.size();
      }
      Map<String, Double> metrics = new LinkedHashMap<>();
      metrics.put("loss", lossSum / rows);
      if (rows > 0) {
        Retrieval retrieval = features.retrieval();
        metrics.putAll(retrieval.metrics());
        if (asked.bootstrap() > 0) {
          metrics.putAll(retrieval.intervals(key, asked.bootstrap()));
        }
      }
      return Optional.of(new EvaluationReport(step, asked.name(), metrics));
    }
  }

  /// Captions as the model sees them: after clean-up and cutting.
  private static List<IntBuffer> captions(Batch batch) {
    Tokens caption = batch.caption();
    return IntStream.range(0, batch.size())
        .mapToObj(
            row -> {
              int from = row * caption.width();
              return IntBuffer.wrap(
                  Arrays.copyOfRange(caption.ids(), from, from + caption.lengths()[row]));
            })
        .toList();
  }
}
