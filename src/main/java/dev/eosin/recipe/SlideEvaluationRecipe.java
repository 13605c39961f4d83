package dev.eosin.recipe;

import dev.eosin.config.Checked;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.eval.slides.SlideProtocol;
import dev.eosin.eval.slides.SlideSet;
import dev.eosin.eval.slides.SlideTask;
import dev.eosin.eval.tiles.TileClass;
import dev.eosin.recipe.found.SlideData;
import dev.eosin.train.machine.ComputeSettings;
import java.util.List;
import java.util.Optional;

/// `kind: slide-evaluation`: what features of tiles tell of slides and patients.
@Named("slide-evaluation")
@Doc(
    "Slides and patients by the features of their tiles, run by `eosin evaluate`: MI-Zero, mean"
        + " pooling, ABMIL, survival, several labels, on folds that a table or Patho-Bench says. Writes"
        + " evaluation.json and evaluation.csv.")
public record SlideEvaluationRecipe(
    @Doc("Root of all randomness: the same seed gives the same draws and intervals.") @OrElse("42")
        long seed,
    @Doc("The device and its threads, for prompts and attention.") @OrElse("{}")
        ComputeSettings compute,
    @Doc("Embeddings of tiles, each with its slide as group.") FeatureSource.Embeddings features,
    @Doc("The slides, their labels and their folds.") SlideData slides,
    @Doc("Classes in their order; all labels that occur, sorted, without it.") @OrElse("[]")
        List<TileClass> classes,
    @Doc("Templates of prompts; {} stands for the class name. Of several all count.")
        @OrElse("[\"An H&E image of {}.\"]")
        List<String> prompts,
    @Doc("The CLIP model that embeds the prompts; it has to be the one that embedded the tiles.")
        Optional<FeatureSource.ClipModel> promptsBy,
    @Doc("Several slides of a patient: all tiles as one bag (early), or the mean of each (late).")
        @OrElse("early")
        SlideSet.Fusion fusion,
    @Doc("What becomes of slides without a tile: refuse (an error) or leave-out.") @OrElse("refuse")
        Missing missing,
    @Doc(
            "Instead of tasks and bootstrap: what a publication does. docs/formats.md has each value's"
                + " source.")
        Optional<SlideProtocol> protocol,
    @Doc("What is asked.") @OrElse("[]") List<SlideTask> tasks,
    @Doc("Resamples of slides or patients for the 95 % intervals; 0 for none.")
        @OrElse("1_000")
        @Range(min = 0, max = 1e6)
        int bootstrap,
    @Doc("Where the results go.") OutputFolder output)
    implements Evaluation, Checked {
  /// What becomes of slides without a tile.
  public enum Missing {
    REFUSE,
    LEAVE_OUT
  }

  /// @throws IllegalArgumentException for a template without `{}`
  public SlideEvaluationRecipe {
    classes = List.copyOf(classes);
    prompts = List.copyOf(prompts);
    tasks = List.copyOf(tasks);
    for (String prompt : prompts) {
      if (!prompt.contains("{}")) {
        throw new IllegalArgumentException(
            "prompts: '%s' has no {} where the class name belongs".formatted(prompt));
      }
    }
  }

  /// The tasks, each of one result.
  public List<SlideTask> asked() {
    return taken().stream().flatMap(task -> task.single().stream()).toList();
  }

  private List<SlideTask> taken() {
    return protocol.map(SlideProtocol::tasks).orElse(tasks);
  }

  public int resamples() {
    return protocol.map(SlideProtocol::bootstrap).orElse(bootstrap);
  }

  /// Whether a task tells the classes of the label.
  public boolean tellsClasses() {
    return taken().stream().anyMatch(SlideTask::tellsClasses);
  }

  /// Whether a task needs prompts.
  public boolean asksByPrompts() {
    return taken().stream().anyMatch(SlideTask.MiZero.class::isInstance);
  }

  private static boolean asksLabel(SlideTask task) {
    return task instanceof SlideTask.Timed timed && timed.asksLabel();
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
    if (asksByPrompts() && promptsBy.isEmpty()) {
      findings.add("prompts-by", "missing key; mi-zero needs the model that embeds prompts");
    }
    if (!asksByPrompts() && promptsBy.isPresent()) {
      findings.add("prompts-by", "no task asks by prompts; add mi-zero, or leave it out");
    }
    List<String> titles = asked().stream().map(SlideTask::title).toList();
    if (titles.stream().distinct().count() < titles.size()) {
      findings.add("tasks", "two have the same name: %s; give one a name".formatted(titles));
    }
    if (slides instanceof SlideData.Table table
        && table.label().isEmpty()
        && (tellsClasses() || asked().stream().anyMatch(SlideEvaluationRecipe::asksLabel))) {
      findings.add("slides.label", "missing key; name the column of labels");
    }
  }

  @Override
  public ComputeSettings ofRanks() {
    return compute;
  }
}
