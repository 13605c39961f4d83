package dev.eosin.recipe.evaluated;

import dev.eosin.config.DataException;
import dev.eosin.data.listed.ListedImage;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.eval.maps.EmbeddingMap;
import dev.eosin.eval.probes.ProbeSplit;
import dev.eosin.eval.tiles.DoneTrainings;
import dev.eosin.eval.tiles.TaskResult;
import dev.eosin.eval.tiles.TileData;
import dev.eosin.eval.tiles.TileFeatures;
import dev.eosin.eval.tiles.TileSet;
import dev.eosin.eval.tiles.TileTask;
import dev.eosin.eval.tiles.TileTasks;
import dev.eosin.group.Group;
import dev.eosin.group.SharedUnits;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.TileEvaluationRecipe;
import dev.eosin.recipe.found.AboutData;
import dev.eosin.recipe.found.ListedPictures;
import dev.eosin.recipe.found.Measured;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.report.Pictures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/// Tiles and models that are measured on them, opened. The tiles are embedded when the first task
/// asks, by one model after the other.
final class OpenedTileEvaluation implements OpenedEvaluation {
  private static final String MODEL = "model";
  private static final String AGAINST = "against";
  private static final String FIRST_RANK = "the first rank does";

  private final TileEvaluationRecipe recipe;
  private final TileSet listed;
  private final SequencedMap<String, TileModel> models;
  private final List<String> notes;
  private final Group group;
  private final SequencedMap<String, String> inputs = new LinkedHashMap<>();
  private final Map<String, TileFeatures> features = new LinkedHashMap<>();
  private final Map<String, TaskResult> results = new LinkedHashMap<>();
  private List<String> failed = List.of();
  private Optional<TileTasks> tasks = Optional.empty();
  private Optional<TileReadings> readings = Optional.empty();

  private OpenedTileEvaluation(
      TileEvaluationRecipe recipe,
      TileSet listed,
      SequencedMap<String, TileModel> models,
      List<String> notes,
      Group group) {
    this.group = group;
    this.recipe = recipe;
    this.listed = listed;
    this.models = models;
    this.notes = List.copyOf(notes);
  }

  /// @param group of ranks that share the tiles, and the parts of what is asked of their features
  static OpenedTileEvaluation open(TileEvaluationRecipe recipe, Group group) throws IOException {
    SequencedMap<String, TileModel> models = new LinkedHashMap<>();
    try {
      models.put(MODEL, TileModel.open(MODEL, recipe.features(), recipe.promptsBy()));
      if (recipe.against().isPresent()) {
        models.put(AGAINST, TileModel.open(AGAINST, recipe.against().get(), Optional.empty()));
      }
      return open(recipe, models, group);
    } catch (IOException | RuntimeException | Error e) {
      models.values().forEach(TileModel::close);
      throw e;
    }
  }

  private static OpenedTileEvaluation open(
      TileEvaluationRecipe recipe, SequencedMap<String, TileModel> models, Group group)
      throws IOException {
    List<String> notes = new ArrayList<>();
    TileSet set = set(recipe, models, notes);
    List<String> prompts = TileFeatures.prompts(set.classes(), recipe.prompts());
    for (Map.Entry<String, TileModel> each : models.entrySet()) {
      each.getValue().notes().forEach(note -> notes.add(each.getKey() + ": " + note));
      if (asksByPrompts(recipe)) {
        requireRoom(each.getValue(), prompts);
      }
    }
    // Everything is divided once before the long work, so that what is missing is said now.
    TileTasks divided = divided(recipe, set);
    notes.addAll(set.notes());
    divided.split().ifPresent(split -> notes.addAll(split.notes()));
    if (divided.split().isEmpty() && set.tiles().stream().allMatch(t -> t.group().isEmpty())) {
      notes.add(
          "no tile has a group (slide, patient): intervals take each tile for itself, and are too narrow where one slide gives several");
    }
    recipe.about().flatMap(about -> about.counted(set.tiles().size())).ifPresent(notes::add);
    return new OpenedTileEvaluation(recipe, set, models, notes, group);
  }

  private static void requireRoom(TileModel model, List<String> prompts) throws DataException {
    switch (model) {
      case TileModel.Embedding own -> PromptEmbedder.requireRoom(own.embedder(), prompts);
      case TileModel.Kept kept -> {
        if (kept.promptsBy().isPresent()) {
          PromptEmbedder.requireRoom(kept.promptsBy().get().embedder(), prompts);
        }
      }
    }
  }

  private static boolean asksByPrompts(TileEvaluationRecipe recipe) {
    return recipe.asked().stream().anyMatch(TileTask.ZeroShot.class::isInstance);
  }

  private static TileSet set(
      TileEvaluationRecipe recipe, SequencedMap<String, TileModel> models, List<String> notes)
      throws IOException {
    try {
      List<ProbeSplit.Row> rows = new ArrayList<>();
      String name;
      if (recipe.tiles().isPresent()) {
        TileData data = recipe.tiles().get();
        name = data.path().toString();
        ListedImages images = ListedImages.open(data.path(), data.columns(), new ImageDecoder());
        notes.addAll(images.notes());
        for (long row = 0; row < images.size(); row++) {
          ListedImage tile = images.get(row);
          rows.add(
              new ProbeSplit.Row(
                  tile.path(), tile.group(), tile.label(), tile.split(), tile.centre()));
        }
      } else {
        var kept = (TileModel.Kept) Objects.requireNonNull(models.get(MODEL));
        name = kept.path().toString();
        kept.rows().forEach(row -> rows.add(ProbeSplit.Row.of(row)));
      }
      return TileSet.of(name, rows, recipe.classes(), recipe.otherLabels(), recipe.asked());
    } catch (DataException e) {
      throw AboutData.expecting(recipe.about(), e);
    }
  }

  private static TileTasks divided(TileEvaluationRecipe recipe, TileSet set) throws DataException {
    return TileTasks.of(
        set,
        recipe.asked(),
        recipe.prompts(),
        new RandomKey(recipe.seed()),
        recipe.validationShare(),
        recipe.testShare());
  }

  @Override
  public List<String> notes() {
    return notes;
  }

  @Override
  public SequencedMap<String, String> inputs() {
    return inputs;
  }

  @Override
  public List<Measure> evaluations() {
    List<Measure> measures = new ArrayList<>();
    List<String> titles = new ArrayList<>(models.keySet());
    if (recipe.randomWeights() && models.get(MODEL) instanceof TileModel.Embedding) {
      titles.add(TileModel.UNTRAINED);
    }
    for (String title : titles) {
      for (TileTask task : recipe.asked()) {
        measures.add(watch -> run(title, task, watch));
      }
    }
    if (models.containsKey(AGAINST)) {
      recipe.asked().forEach(task -> measures.add(watch -> difference(task)));
    }
    return measures;
  }

  private Optional<Measured> run(String title, TileTask task, Watch watch) throws IOException {
    if (tasks.isEmpty() && !read(watch)) {
      return Optional.empty();
    }
    if (!group.isFirst() && isQuick(task)) {
      return Optional.of(TileMeasured.skipped(name(title, task), FIRST_RANK));
    }
    watch.progress().accept("%s: %s".formatted(title, task.title()));
    TileFeatures of = Objects.requireNonNull(features.get(title));
    if (task instanceof TileTask.ZeroShot && of.texts().isEmpty() && title.equals(AGAINST)) {
      return Optional.of(
          TileMeasured.skipped(name(title, task), "features that are stored embed no prompts"));
    }
    if (task instanceof TileTask.FineTune && of.tunable().isEmpty()) {
      return Optional.of(
          TileMeasured.skipped(name(title, task), "features that are stored cannot be trained"));
    }
    Optional<TaskResult> result =
        tasks
            .orElseThrow()
            .run(
                task,
                of,
                new TileTasks.Watch(watch.progress(), new SharedUnits(group, watch.stop())),
                trainings(title));
    result.ifPresent(found -> results.put(name(title, task), found));
    // Every rank knows what was found; resamples are drawn where they are written.
    return result.map(
        found ->
            group.isFirst()
                ? told().measured(name(title, task), task, found)
                : TileMeasured.skipped(name(title, task), FIRST_RANK));
  }

  /// Whether it has no parts that ranks share.
  private static boolean isQuick(TileTask task) {
    return task instanceof TileTask.ZeroShot || task instanceof TileTask.Centres;
  }

  /// Features are left out: they round by where they lie in memory, while the weights and images
  /// that they are made of are told.
  private DoneTrainings trainings(String title) {
    SortedMap<String, String> pins = new TreeMap<>(inputs);
    pins.keySet().removeIf(name -> name.endsWith(".features.sha256"));
    pins.put("trained", title);
    pins.put("seed", Long.toString(recipe.seed()));
    pins.put("compute", recipe.compute().toString());
    return new DoneTrainings(recipe.trainings(), pins);
  }

  @Override
  public void written() throws IOException {
    DoneTrainings.remove(recipe.trainings());
  }

  private static String name(String title, TileTask task) {
    return title.equals(MODEL) ? task.title() : title + "/" + task.title();
  }

  /// Embeds the tiles by every model.
  private boolean read(Watch watch) throws IOException {
    var reading = readings.orElseGet(() -> new TileReadings(recipe, listed, models, group));
    readings = Optional.of(reading);
    Optional<TileReadings.Read> read = reading.read(watch);
    if (read.isEmpty()) {
      return false;
    }
    features.putAll(read.get().features());
    failed = read.get().failed();
    tasks = Optional.of(divided(recipe, read.get().set()));
    inputs.putAll(read.get().inputs());
    tasks.get().split().ifPresent(s -> inputs.put("sides.sha256", reading.sides(s, read.get())));
    return true;
  }

  private TileMeasured told() {
    return new TileMeasured(recipe, tasks.orElseThrow().set().tiles().size(), failed);
  }

  private Optional<Measured> difference(TileTask task) {
    TaskResult first = results.get(name(MODEL, task));
    TaskResult second = results.get(name(AGAINST, task));
    String name = "difference/" + task.title();
    if (!group.isFirst()) {
      return Optional.of(TileMeasured.skipped(name, FIRST_RANK));
    }
    if (first == null || second == null) {
      return Optional.of(TileMeasured.skipped(name, "one of the two was not measured"));
    }
    return Optional.of(told().difference(name, task, first, second));
  }

  @Override
  public List<EmbeddingMap> maps() {
    TileFeatures of = features.get(MODEL);
    if (of == null || tasks.isEmpty() || tasks.get().set().classes().isEmpty()) {
      return List.of();
    }
    TileSet set = tasks.get().set();
    List<String> paths = set.tiles().stream().map(ProbeSplit.Row::path).toList();
    var key = new RandomKey(recipe.seed());
    return List.of(
        EmbeddingMap.of(of.model(), set.labels(), paths, set.truth(), of.vectors(), key));
  }

  @Override
  public Pictures pictures() throws DataException {
    if (recipe.tiles().isEmpty()) {
      return Pictures.NONE;
    }
    TileData data = recipe.tiles().get();
    var images = ListedImages.open(data.path(), data.columns(), new ImageDecoder());
    return ListedPictures.of(images);
  }

  @Override
  public void close() {
    models.values().forEach(TileModel::close);
  }
}
