package dev.eosin.eval.training;

import dev.eosin.config.DataException;
import dev.eosin.data.listed.ListedImage;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.eval.ConfusionMatrix;
import dev.eosin.eval.PairEmbedder;
import dev.eosin.eval.RankShare;
import dev.eosin.eval.embeddings.ImageFeed;
import dev.eosin.eval.embeddings.ImageVectors;
import dev.eosin.eval.embeddings.SharedImageVectors;
import dev.eosin.eval.probes.Figure;
import dev.eosin.eval.probes.LabelScores;
import dev.eosin.eval.probes.ProbeSplit;
import dev.eosin.eval.tiles.TaskResult;
import dev.eosin.eval.tiles.TileFeatures;
import dev.eosin.eval.tiles.TileSet;
import dev.eosin.eval.tiles.TileTask;
import dev.eosin.eval.tiles.TileTasks;
import dev.eosin.group.SharedUnits;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.random.RandomKey;
import dev.eosin.text.Tokenizer;
import dev.eosin.train.ConfusionCounts;
import dev.eosin.train.EvaluationReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/// Tasks on labelled tiles, asked of a model while it trains. Tiles are listed and divided once,
/// when the run begins, so that what is missing is said before any update.
final class LiveTileTasks {
  private static final String MODEL = "the model in training";

  /// Tiles that go through the model together at most: a batch is filled up, and ranks take whole
  /// ones, so that those of training may be too large for few tiles.
  private static final int TOGETHER = 64;

  private final TileTasksSettings settings;
  private final TileSet listed;
  private final ImageFeed feed;
  private final RandomKey key;
  private final boolean rehearsed;

  private LiveTileTasks(
      TileTasksSettings settings,
      TileSet listed,
      ImageFeed feed,
      RandomKey key,
      boolean rehearsed) {
    this.settings = settings;
    this.listed = listed;
    this.feed = feed;
    this.key = key;
    this.rehearsed = rehearsed;
  }

  /// Lists the tiles and divides them.
  ///
  /// @param most tiles at most, spread over the set; then what learns is left out
  /// @throws DataException when the tiles do not do for the tasks
  static LiveTileTasks open(
      TileTasksSettings settings, ImageSettings inputs, RandomKey key, int most)
      throws DataException {
    ListedImages images =
        ListedImages.open(settings.tiles().path(), settings.tiles().columns(), inputs.decoder());
    List<ProbeSplit.Row> rows = new ArrayList<>();
    for (long row = 0; row < images.size(); row++) {
      ListedImage tile = images.get(row);
      rows.add(
          new ProbeSplit.Row(tile.path(), tile.group(), tile.label(), tile.split(), tile.centre()));
    }
    TileSet set =
        TileSet.of(
            settings.tiles().path().toString(),
            rows,
            settings.classes(),
            settings.otherLabels(),
            settings.tasks());
    divided(settings, set, settings.tasks(), key);
    int all = set.tiles().size();
    boolean rehearsed = all > most;
    TileSet kept =
        rehearsed
            ? set.only(
                IntStream.range(0, most).map(i -> (int) ((long) i * all / most)).toArray(),
                most + " at even distances")
            : set;
    ImageFeed feed =
        ImageFeed.of(images, inputs.decoder(), inputs.transforms().evaluation(), Optional.empty());
    return new LiveTileTasks(settings, kept, feed, key, rehearsed);
  }

  private static TileTasks divided(
      TileTasksSettings settings, TileSet set, List<TileTask> tasks, RandomKey key)
      throws DataException {
    return TileTasks.of(
        set,
        tasks,
        settings.prompts(),
        key,
        settings.validation().value(),
        settings.test().value());
  }

  /// Refuses prompts of which the model would see a part.
  ///
  /// @param context most tokens of a text
  /// @throws DataException naming one
  void requireRoom(Tokenizer tokenizer, int context) throws DataException {
    if (!settings.asksByPrompts()) {
      return;
    }
    for (String prompt : TileFeatures.prompts(listed.classes(), settings.prompts())) {
      int tokens = tokenizer.untruncatedLength(prompt);
      if (tokens > context) {
        throw new DataException(
            "evaluate.%s: the prompt '%s' has %d tokens, and data.text.length is %d; shorten it"
                .formatted(settings.name(), prompt, tokens, context));
      }
    }
  }

  /// What is asked, for a dry run.
  String question() {
    return "%s: %d tiles, %d classes, %s"
        .formatted(
            settings.name(),
            listed.tiles().size(),
            listed.classes().size(),
            String.join(", ", settings.tasks().stream().map(TileTask::title).toList()));
  }

  /// Embeds all tiles and does every task.
  ///
  /// @param batch rows of a batch of the training
  /// @return empty when it was asked to stop
  /// @throws DataException when more tiles cannot be read than the recipe allows
  Optional<EvaluationReport> run(
      long step, PairEmbedder embedder, int batch, BooleanSupplier stop, RankShare share)
      throws IOException {
    int workers = Runtime.getRuntime().availableProcessors();
    Optional<ImageVectors> read =
        new SharedImageVectors(share, Math.min(batch, TOGETHER), workers)
            .read(feed, listed.places(), embedder, done -> {}, stop);
    if (read.isEmpty()) {
      return Optional.empty();
    }
    TileSet set = readable(read.get());
    List<String> prompts = TileFeatures.prompts(set.classes(), settings.prompts());
    var features =
        new TileFeatures(
            MODEL,
            read.get().vectors(),
            Optional.of(
                TileFeatures.Texts.of(
                    prompts, embedder.embedTexts(prompts), embedder.logitScale())));
    List<TileTask> tasks =
        settings.tasks().stream().filter(task -> !rehearsed || !task.learns()).toList();
    TileTasks divided = divided(settings, set, tasks, key);
    Map<String, Double> metrics = new LinkedHashMap<>();
    Optional<ConfusionCounts> confusion = Optional.empty();
    for (TileTask task : tasks) {
      Optional<TaskResult> found =
          divided.run(task, features, new SharedUnits(share.group(), stop));
      if (found.isEmpty()) {
        return Optional.empty();
      }
      TaskResult result = found.get();
      put(metrics, task.title(), result);
      if (settings.classScores() && result.figures() instanceof LabelScores scores) {
        ConfusionMatrix counted = scores.confusion();
        ClassScores.put(metrics, task.title() + ".", counted, set.labels());
        confusion = confusion.or(() -> Optional.of(ClassScores.counts(counted, set.labels())));
      }
    }
    int left = listed.tiles().size() - set.tiles().size();
    metrics.put("tiles", (double) set.tiles().size());
    if (left > 0) {
      metrics.put("left_out", (double) left);
    }
    return Optional.of(new EvaluationReport(step, settings.name(), metrics, confusion));
  }

  private TileSet readable(ImageVectors read) throws DataException {
    if (read.failed().isEmpty()) {
      return listed;
    }
    int all = listed.tiles().size();
    String said =
        "%d of %d images cannot be read, such as %s: %s"
            .formatted(
                read.failed().size(),
                all,
                listed.tiles().get(read.failed().firstKey()).path(),
                read.failed().firstEntry().getValue());
    if (read.failed().size() > settings.unreadable().value() * all) {
      throw new DataException(
          "evaluate.%s: %s; unreadable allows %s of them: mend the files, or raise it"
              .formatted(settings.name(), said, settings.unreadable()));
    }
    int[] kept = IntStream.range(0, all).filter(tile -> !read.failed().containsKey(tile)).toArray();
    return listed.only(kept, said + "; left out");
  }

  private void put(Map<String, Double> metrics, String title, TaskResult result) {
    Map<String, Figure> figures =
        result.figures().measured(result.resamples(), settings.bootstrap());
    figures.forEach((name, figure) -> figure.put(metrics, title + "." + name));
  }
}
