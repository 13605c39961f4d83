package dev.eosin.recipe.evaluated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.slides.SampleTable;
import dev.eosin.eval.ZeroShotClassifier;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.eval.probes.Figure;
import dev.eosin.eval.probes.Spread;
import dev.eosin.eval.probes.StoppedException;
import dev.eosin.eval.slides.SlideSet;
import dev.eosin.eval.slides.SlideTask;
import dev.eosin.eval.slides.SlideTasks;
import dev.eosin.eval.tiles.TaskResult;
import dev.eosin.eval.tiles.TileClass;
import dev.eosin.file.FileDigest;
import dev.eosin.group.Group;
import dev.eosin.group.SharedUnits;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.FeatureSource;
import dev.eosin.recipe.SlideEvaluationRecipe;
import dev.eosin.recipe.found.Measured;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.recipe.found.SlideData;
import dev.eosin.recipe.stored.StoredEmbedder;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.machine.ComputeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Slides with the features of their tiles, opened. Ranks share the trainings of networks; what
/// takes seconds is the first rank's.
///
/// @param byTask what was found of each fold
/// @param shared by task what ranks found of all folds together
record OpenedSlideEvaluation(
    SlideEvaluationRecipe recipe,
    SlideTasks tasks,
    Map<String, List<Measured>> byTask,
    Map<String, List<TaskResult>> shared,
    List<String> notes,
    SequencedMap<String, String> inputs,
    Group group)
    implements OpenedEvaluation {
  /// The table, which of its columns is told, and whether it says whose slides they are.
  private record Labelled(
      SampleTable table, String label, Map<String, String> names, boolean patients) {}

  static OpenedSlideEvaluation open(SlideEvaluationRecipe recipe, Group group) throws IOException {
    SequencedMap<String, String> inputs = new LinkedHashMap<>();
    Labelled labelled = labelled(recipe, inputs);
    if (labelled.table().folds().isEmpty()) {
      throw new DataException(
          "%s: no column says which slides are for train and test; name it in slides.folds"
              .formatted(labelled.table().file()));
    }
    Supplier<Engine> engine = started(recipe.compute(), group);
    List<String> notes = new ArrayList<>();
    try (StoredEmbeddings stored =
        StoredEmbeddings.open(recipe.features().path(), recipe.features().table())) {
      List<Optional<String>> slideOf = stored.rows().stream().map(ActivationRow::group).toList();
      SlideSet set =
          SlideSet.of(
              labelled.table(),
              slideOf,
              stored.vectors(),
              recipe.missing() == SlideEvaluationRecipe.Missing.LEAVE_OUT);
      notes.addAll(set.notes());
      inputs.put("features.sha256", FileDigest.of(recipe.features().path()).sha256());
      stored.pins().forEach((pin, value) -> inputs.put("features." + pin, value));
      // Survival and several labels need no class, and their tables may have no label.
      boolean told = recipe.tellsClasses();
      List<TileClass> classes =
          told && recipe.classes().isEmpty()
              ? set.found(labelled.label(), labelled.names())
              : recipe.classes();
      Optional<SlideTasks.Prompts> prompts =
          recipe.promptsBy().isPresent() && recipe.asksByPrompts()
              ? Optional.of(
                  prompts(recipe, recipe.promptsBy().get(), classes, stored, engine, notes))
              : Optional.empty();
      var tasks =
          new SlideTasks(
              set,
              classes,
              labelled.label(),
              labelled.names(),
              recipe.fusion(),
              prompts,
              engine,
              new RandomKey(recipe.seed()));
      if (!labelled.patients()) {
        notes.add(
            "no column of patients is named: folds and intervals are of slides, so that slides of one"
                + " patient may be on both sides and intervals too narrow");
      }
      notes.add("%d samples, %d folds".formatted(set.samples().size(), set.folds().size()));
      for (SlideTask task : recipe.asked()) {
        for (int fold = 0; fold < set.folds().size(); fold++) {
          tasks.check(task, fold);
        }
      }
      return new OpenedSlideEvaluation(
          recipe, tasks, new LinkedHashMap<>(), new HashMap<>(), notes, inputs, group);
    }
  }

  private static Supplier<Engine> started(ComputeSettings compute, Group group) {
    List<Engine> started = new ArrayList<>();
    return () -> {
      if (started.isEmpty()) {
        started.add(compute.start(KernelListener.NONE, group));
      }
      return started.getFirst();
    };
  }

  private static Labelled labelled(
      SlideEvaluationRecipe recipe, SequencedMap<String, String> inputs) throws IOException {
    return switch (recipe.slides()) {
      case SlideData.Table table -> {
        inputs.put("slides.sha256", FileDigest.of(existing(table.path())).sha256());
        Set<String> more = columns(recipe, table.label().orElse(""));
        table.label().ifPresent(more::add);
        var columns =
            new SampleTable.Columns(
                table.patient().orElse(table.slide()),
                table.patient().map(patient -> table.slide()),
                List.copyOf(more),
                table.folds());
        yield new Labelled(
            SampleTable.read(table.path(), columns),
            table.label().orElse(""),
            Map.of(),
            table.patient().isPresent());
      }
      case SlideData.PathoBench bench -> {
        Path config = bench.config().orElseGet(() -> bench.path().resolveSibling("config.yaml"));
        inputs.put("slides.sha256", FileDigest.of(existing(bench.path())).sha256());
        inputs.put("config.sha256", FileDigest.of(existing(config)).sha256());
        SampleTable.PathoBench said = SampleTable.PathoBench.read(config);
        Set<String> more = columns(recipe, said.label());
        more.addAll(said.columns().values());
        var columns =
            new SampleTable.Columns(
                said.columns().sample(), said.columns().slide(), List.copyOf(more), List.of());
        yield new Labelled(
            SampleTable.read(bench.path(), columns),
            said.label(),
            said.names(),
            said.columns().slide().isPresent());
      }
    };
  }

  /// Columns that tasks ask for.
  private static Set<String> columns(SlideEvaluationRecipe recipe, String label) {
    Set<String> columns = new LinkedHashSet<>();
    for (SlideTask task : recipe.asked()) {
      switch (task) {
        case SlideTask.Timed timed ->
            columns.addAll(List.of(timed.timeOf(label), timed.eventOf(label)));
        case SlideTask.SeveralLabels several -> columns.add(several.column());
        case SlideTask.MiZero _,
            SlideTask.MeanProbe _,
            SlideTask.Attention _,
            SlideTask.EvaAttention _,
            SlideTask.PathoBenchAttention _ -> {}
      }
    }
    return columns;
  }

  private static Path existing(Path file) throws DataException {
    if (!Files.isRegularFile(file)) {
      throw new DataException(file + ": no such file");
    }
    return file;
  }

  private static SlideTasks.Prompts prompts(
      SlideEvaluationRecipe recipe,
      FeatureSource.ClipModel source,
      List<TileClass> classes,
      StoredEmbeddings stored,
      Supplier<Engine> engine,
      List<String> notes)
      throws IOException {
    try (PromptEmbedder embedder = PromptEmbedder.open(source, stored, notes)) {
      List<List<String>> prompts =
          classes.stream()
              .map(
                  each ->
                      each.texts().stream()
                          .flatMap(
                              name -> recipe.prompts().stream().map(p -> p.replace("{}", name)))
                          .toList())
              .toList();
      try (StoredEmbedder.Loaded loaded = embedder.load(engine.get())) {
        return new SlideTasks.Prompts(
            ZeroShotClassifier.build(prompts, loaded.embedder()), loaded.logitScale());
      }
    }
  }

  @Override
  public List<Measure> evaluations() {
    List<Measure> measures = new ArrayList<>();
    for (SlideTask task : recipe.asked()) {
      for (int fold = 0; fold < tasks.set().folds().size(); fold++) {
        int of = fold;
        measures.add(watch -> run(task, of, watch));
      }
      if (tasks.set().folds().size() > 1) {
        measures.add(watch -> Optional.of(overFolds(task)));
      }
    }
    return measures;
  }

  private Optional<Measured> run(SlideTask task, int fold, Watch watch) throws IOException {
    watch.progress().accept(tasks.title(task, fold));
    if (!group.isFirst() && !(task instanceof SlideTask.Trained)) {
      return Optional.of(ofFirstRank(task.title()));
    }
    TaskResult result;
    try {
      result = result(task, fold, watch);
    } catch (StoppedException _) {
      return Optional.empty();
    }
    // Every rank knows what was found; resamples are drawn where they are written.
    return Optional.of(group.isFirst() ? measured(task, result) : ofFirstRank(task.title()));
  }

  private static Measured ofFirstRank(String title) {
    return Measured.of(new EvaluationReport(0, title, Map.of()));
  }

  /// A process alone trains the networks of one fold and tells it; ranks share those of all folds.
  private TaskResult result(SlideTask task, int fold, Watch watch) throws IOException {
    var units = new SharedUnits(group, watch.stop());
    if (group.size() == 1 || !(task instanceof SlideTask.Trained)) {
      return tasks.run(task, List.of(fold), units).getFirst();
    }
    List<TaskResult> all = shared.get(task.title());
    if (all == null) {
      all = tasks.run(task, IntStream.range(0, tasks.set().folds().size()).boxed().toList(), units);
      shared.put(task.title(), all);
    }
    return all.get(fold);
  }

  private Measured measured(SlideTask task, TaskResult result) {
    Map<String, Figure> figures = result.figures().measured(result.resamples(), recipe.resamples());
    Map<String, Double> metrics = new LinkedHashMap<>();
    figures.forEach((each, figure) -> figure.put(metrics, each));
    Map<String, JsonNode> details = new LinkedHashMap<>();
    result.details().properties().forEach(each -> details.put(each.getKey(), each.getValue()));
    details.put(
        "bootstrap",
        JsonNodeFactory.instance
            .objectNode()
            .put("resamples", recipe.resamples())
            .put("units", result.resamples().units()));
    details.put("seed", JsonNodeFactory.instance.numberNode(recipe.seed()));
    recipe
        .protocol()
        .ifPresent(
            protocol -> {
              ObjectNode said = JsonNodeFactory.instance.objectNode();
              ArrayNode sources = said.put("version", protocol.version()).putArray("sources");
              protocol.sources().forEach(sources::add);
              details.put("protocol", said);
            });
    var report = new EvaluationReport(0, result.title(), metrics);
    List<String> lines = new ArrayList<>(List.of(result.title() + "  " + report.text()));
    lines.addAll(result.notes());
    var measured = new Measured(report, lines, result.notes(), details, result.samples());
    byTask.computeIfAbsent(task.title(), t -> new ArrayList<>()).add(measured);
    return measured;
  }

  /// Mean and spread over the folds, which is another thing than the intervals of each.
  private Measured overFolds(SlideTask task) {
    if (!group.isFirst()) {
      return ofFirstRank(task.title());
    }
    List<Measured> folds = Objects.requireNonNull(byTask.get(task.title()));
    Map<String, Double> metrics = new LinkedHashMap<>();
    List<String> undefined = new ArrayList<>();
    for (String name : folds.getFirst().report().metrics().keySet()) {
      if (name.endsWith("_low") || name.endsWith("_high")) {
        continue;
      }
      Spread spread = Spread.of(folds.stream().mapToDouble(fold -> figure(fold, name)).toArray());
      List<String> without =
          IntStream.range(0, folds.size())
              .filter(fold -> Double.isNaN(figure(folds.get(fold), name)))
              .mapToObj(tasks.set().folds()::get)
              .toList();
      if (!without.isEmpty()) {
        undefined.add(
            "%s: %s has no mean over folds: it is not defined in %s"
                .formatted(task.title(), name, String.join(", ", without)));
      }
      metrics.put(name, spread.mean());
      metrics.put(name + "_sd", spread.deviation());
      metrics.put(name + "_min", spread.min());
      metrics.put(name + "_max", spread.max());
    }
    var measured = Measured.of(new EvaluationReport(0, task.title(), metrics));
    List<String> lines = new ArrayList<>(measured.lines());
    lines.addAll(undefined);
    return new Measured(measured.report(), lines, measured.details());
  }

  private static double figure(Measured fold, String name) {
    return fold.report().metrics().getOrDefault(name, Double.NaN);
  }

  @Override
  public void close() {}
}
