package dev.eosin.recipe;

import dev.eosin.config.Checked;
import dev.eosin.config.CountOrAuto;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Share;
import dev.eosin.eval.tiles.Protocol;
import dev.eosin.eval.tiles.SeveralLabelsTask;
import dev.eosin.eval.tiles.TileClass;
import dev.eosin.eval.tiles.TileData;
import dev.eosin.eval.tiles.TileSet;
import dev.eosin.eval.tiles.TileTask;
import dev.eosin.recipe.found.AboutData;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Precision;
import dev.eosin.train.machine.Processor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `kind: tile-evaluation`: what a model's features of labelled tiles are worth.
@Named("tile-evaluation")
@Doc(
    "Zero-shot classification and probes of a stored model, or of stored features, on labelled tiles,"
        + " run by `eosin evaluate`. Writes evaluation.json and evaluation.csv.")
public record TileEvaluationRecipe(
    @Doc("Root of all randomness: the same seed gives the same sides, draws and intervals.")
        @OrElse("42")
        long seed,
    @Doc("The device and its threads, for a model.") @OrElse("{}") ComputeSettings compute,
    @Doc("Whose features.") FeatureSource features,
    @Doc("Another model or file, to be compared with on the same tiles, sides and resamples.")
        Optional<FeatureSource> against,
    @Doc("Whether the same architecture with weights that nothing has trained is measured, too.")
        @OrElse("true")
        boolean randomWeights,
    @Doc("The tiles; a file of features knows its own.") Optional<TileData> tiles,
    @Doc("The classes in their order; all labels that occur, sorted, without it.") @OrElse("[]")
        List<TileClass> classes,
    @Doc("What becomes of tiles with a label that is not listed: refuse (an error) or leave-out.")
        @OrElse("refuse")
        TileSet.OtherLabels otherLabels,
    @Doc("Part of the images that may fail to be read; they are left out and listed.")
        @OrElse("1 %")
        Share unreadable,
    @Doc("Templates of prompts; {} stands for the class name. Of several all count.")
        @OrElse("[\"An H&E image of {}.\"]")
        List<String> prompts,
    @Doc(
            "The CLIP model that embeds the prompts for stored embeddings; it has to be the one that"
                + " made them.")
        Optional<FeatureSource.ClipModel> promptsBy,
    @Doc(
            "Instead of tasks, validation, test and bootstrap: what a publication does. docs/formats.md"
                + " has each value's source.")
        Optional<Protocol> protocol,
    @Doc("What is asked.") @OrElse("[]") List<TileTask> tasks,
    @Doc("Part of the groups that chooses, where the data names none; 0 % where nothing is chosen.")
        @OrElse("20 %")
        Share validation,
    @Doc("Part of the groups that judges, where the data names none.") @OrElse("20 %") Share test,
    @Doc("Resamples of groups for the 95 % intervals; 0 for none.")
        @OrElse("1_000")
        @Range(min = 0, max = 1e6)
        int bootstrap,
    @Doc("Where the data is from, under which licence, and in which layout; goes into the results.")
        Optional<AboutData> about,
    @Doc("Where the results go.") OutputFolder output)
    implements Evaluation, Checked {
  private static final long SEED = 42;
  private static final double SIDE = 0.2;
  private static final double UNREADABLE = 0.01;
  private static final int RESAMPLES = 1_000;

  /// @throws IllegalArgumentException for a template without `{}`, and shares that leave a side
  ///   empty
  public TileEvaluationRecipe {
    classes = List.copyOf(classes);
    prompts = List.copyOf(prompts);
    tasks = List.copyOf(tasks);
    for (String prompt : prompts) {
      if (!prompt.contains("{}")) {
        throw new IllegalArgumentException(
            "prompts: '%s' has no {} where the class name belongs".formatted(prompt));
      }
    }
    if (test.value() <= 0 || test.value() >= 1 || validation.value() >= 1) {
      throw new IllegalArgumentException(
          "test: %s to judge by and %s to choose by leave a side empty; write e.g. '20 %%'"
              .formatted(test, validation));
    }
  }

  /// The recipe that measures a model on a folder without one: zero-shot classification, a linear
  /// probe and nearest neighbours.
  ///
  /// @param model as [FeatureSource.ClipModel#of]
  /// @param data a folder of class folders, or a table
  /// @param out where the results go
  public static TileEvaluationRecipe of(FeatureSource.ClipModel model, Path data, Path out) {
    return of(model, Optional.of(TileData.of(data)), Optional.empty(), out);
  }

  /// The same of a model's stored embeddings of tiles.
  ///
  /// @param features a file of `eosin embed`
  public static TileEvaluationRecipe ofStored(
      FeatureSource.ClipModel model, Path features, Path out) {
    return of(
        new FeatureSource.Embeddings(features, Optional.empty()),
        Optional.empty(),
        Optional.of(model),
        out);
  }

  private static TileEvaluationRecipe of(
      FeatureSource features,
      Optional<TileData> tiles,
      Optional<FeatureSource.ClipModel> promptsBy,
      Path out) {
    return new TileEvaluationRecipe(
        SEED,
        new ComputeSettings(Processor.AUTO, new CountOrAuto.Auto()),
        features,
        Optional.empty(),
        true,
        tiles,
        List.of(),
        TileSet.OtherLabels.REFUSE,
        new Share(UNREADABLE),
        List.of("An H&E image of {}.", "An H&E image patch of {}.", "{}."),
        promptsBy,
        Optional.empty(),
        Protocol.standard(),
        new Share(SIDE),
        new Share(SIDE),
        RESAMPLES,
        Optional.empty(),
        new OutputFolder(out));
  }

  /// The tasks, each of one result, named or of the protocol.
  public List<TileTask> asked() {
    return protocol.map(Protocol::tasks).orElse(tasks).stream()
        .flatMap(task -> task.single().stream())
        .toList();
  }

  /// Where what was trained is kept until the results are there.
  public Path trainings() {
    return folder().resolve("fine-tuning.part");
  }

  /// Towers are trained long; all else ends at once.
  @Override
  public boolean asks() {
    return asked().stream().anyMatch(TileTask.FineTune.class::isInstance);
  }

  public double validationShare() {
    return protocol.map(Protocol::validation).orElse(validation.value());
  }

  public double testShare() {
    return protocol.map(Protocol::test).orElse(test.value());
  }

  public int resamples() {
    return protocol.map(Protocol::bootstrap).orElse(bootstrap);
  }

  @Override
  public void check(Findings findings) {
    if (protocol.isPresent() != tasks.isEmpty()) {
      findings.add(
          "tasks",
          protocol.isPresent()
              ? "the protocol says what is asked; leave one of the two out"
              : "nothing is asked; list at least one task, or name a protocol");
    }
    boolean stored = !(features instanceof FeatureSource.ClipModel);
    if (stored == tiles.isPresent()) {
      findings.add(
          "tiles",
          stored
              ? "stored features know their tiles; leave it out, and name their table in features"
              : "missing key; name a folder of class folders or a table");
    }
    if (promptsBy.isPresent() && !(features instanceof FeatureSource.Embeddings)) {
      findings.add(
          "prompts-by",
          stored
              ? "prompts are compared with embeddings, not with hidden states; leave it out"
              : "the model of features embeds its prompts itself; leave it out");
    }
    if (promptsBy.isPresent() && asked().stream().noneMatch(TileTask.ZeroShot.class::isInstance)) {
      findings.add("prompts-by", "no task asks by prompts; add zero-shot, or leave it out");
    }
    if (prompts.isEmpty() && asked().stream().anyMatch(TileTask.ZeroShot.class::isInstance)) {
      findings.add("prompts", "at least one template is needed");
    }
    SeveralLabelsTask.fault(asked(), classes).ifPresent(fault -> findings.add("tasks", fault));
    if (asked().stream().anyMatch(TileTask.FineTune.class::isInstance)) {
      checkTuned(features).ifPresent(fault -> findings.add("features", fault));
    }
    List<String> titles = new ArrayList<>();
    for (TileTask task : asked()) {
      if (titles.contains(task.title())) {
        findings.add("tasks", "two are called '%s'; give one a name".formatted(task.title()));
      }
      titles.add(task.title());
    }
  }

  /// What is wrong with the features where the model behind them is to be trained on.
  private static Optional<String> checkTuned(FeatureSource features) {
    if (!(features instanceof FeatureSource.ClipModel model)) {
      return Optional.of(
          "fine-tune trains the model itself, and stored features are without it; name the model, as type clip");
    }
    return model.precision() == Precision.FP16
        ? Optional.of("fine-tune keeps no loss scale, which fp16 needs; take fp32 or bf16")
        : Optional.empty();
  }

  @Override
  public ComputeSettings ofRanks() {
    return compute;
  }
}
