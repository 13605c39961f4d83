package dev.eosin.eval.training;

import dev.eosin.config.DataException;
import dev.eosin.config.Steps;
import dev.eosin.data.Source;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.batches.EvaluationSet;
import dev.eosin.data.opened.DataSets;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.eval.PairEmbedder;
import dev.eosin.eval.RankShare;
import dev.eosin.random.RandomKey;
import dev.eosin.train.Cadence;
import dev.eosin.train.Evaluation;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.Scheduled;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

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
/// @param sides how the recipe makes inputs of samples
/// @param stop asked before each batch
/// @param share who does which part
public record EmbeddingEvaluations(
    List<EmbeddingEvaluation> settings,
    Steps length,
    int batch,
    DataSettings sides,
    DataSets data,
    PairEmbedder encoder,
    RandomKey key,
    int mostSamples,
    BooleanSupplier stop,
    RankShare share) {
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
        .or(() -> settings.stream().filter(ValidationSettings.class::isInstance).findFirst())
        .or(() -> settings.stream().findFirst());
  }

  private static String rankedBy(EmbeddingEvaluation settings) {
    return switch (settings) {
      case ZeroShotSettings tiles -> "zero_shot_top1";
      case ValidationSettings pairs -> "image_to_text_recall_at_1";
      case TileTasksSettings tiles -> tiles.tasks().getFirst().title() + ".accuracy";
    };
  }

  private Evaluation evaluation(EmbeddingEvaluation settings) throws DataException {
    return switch (settings) {
      case ZeroShotSettings tiles -> {
        EvaluationSet set = classes(tiles, data);
        Source source = set.source().spread(mostSamples);
        var asked = new LiveZeroShot(tiles, set, source, tiles.prompts(set), share);
        yield step -> zeroShot(step, asked);
      }
      case ValidationSettings pairs -> {
        var asked = new LivePairs(pairs, validation().shuffled(key), share);
        yield step -> pairs(step, asked);
      }
      case TileTasksSettings tiles -> {
        LiveTileTasks asked = LiveTileTasks.open(tiles, sides.image(), key, mostSamples);
        asked.requireRoom(data.tokenizer(), sides.text().length());
        yield step -> asked.run(step, encoder, batch, stop, share);
      }
    };
  }

  /// The labelled tiles of a zero-shot evaluation.
  ///
  /// @throws DataException when they have fewer than two classes
  public static EvaluationSet classes(ZeroShotSettings tiles, DataSets data) throws DataException {
    Source source =
        switch (tiles.data()) {
          case TRAIN -> data.train();
          case VALIDATION -> data.validation().orElseThrow();
        };
    return EvaluationSet.of(name(tiles.data()), source);
  }

  private static String name(ZeroShotSettings.Part part) {
    return switch (part) {
      case TRAIN -> DataSets.TRAIN;
      case VALIDATION -> DataSets.VALIDATION;
    };
  }

  /// What each evaluation asks, one line each.
  public static List<String> questions(
      List<EmbeddingEvaluation> settings, DataSettings sides, DataSets data, RandomKey key)
      throws DataException {
    List<String> questions = new ArrayList<>();
    for (EmbeddingEvaluation each : settings) {
      questions.add(question(each, sides, data, key));
    }
    return questions;
  }

  private static String question(
      EmbeddingEvaluation settings, DataSettings sides, DataSets data, RandomKey key)
      throws DataException {
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
      case TileTasksSettings tiles -> {
        LiveTileTasks asked = LiveTileTasks.open(tiles, sides.image(), key, Integer.MAX_VALUE);
        asked.requireRoom(data.tokenizer(), sides.text().length());
        yield asked.question();
      }
    };
  }

  private Source validation() {
    return data.validation().orElseThrow().spread(mostSamples);
  }

  private Optional<EvaluationReport> zeroShot(long step, LiveZeroShot asked) throws IOException {
    try (BatchLoader batches = batches(name(asked.settings().data()), asked.source())) {
      return asked.run(step, encoder, batches, stop, key);
    }
  }

  private Optional<EvaluationReport> pairs(long step, LivePairs asked) throws IOException {
    try (BatchLoader batches = batches(DataSets.VALIDATION, asked.source())) {
      return asked.run(step, encoder, batches, stop, key);
    }
  }

  private BatchLoader batches(String side, Source source) {
    return data.evaluationBatches(side, source, batch, share.group().rank(), share.group().size());
  }
}
