package dev.eosin.run;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.clip.AdapterExport;
import dev.eosin.clip.ArchitectureText;
import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipExport;
import dev.eosin.clip.ClipLearner;
import dev.eosin.clip.ClipState;
import dev.eosin.config.DataException;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.data.BatchLoader;
import dev.eosin.data.DataSets;
import dev.eosin.file.FileContent;
import dev.eosin.group.Group;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.ClipEvaluations;
import dev.eosin.recipe.ClipModels;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.Recipe;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import dev.eosin.train.AdamW;
import dev.eosin.train.Cadence;
import dev.eosin.train.OptionalAverage;
import dev.eosin.train.Trainer;
import dev.eosin.train.TrainingCheckpoint;
import dev.eosin.train.TrainingObserver;
import dev.eosin.train.TrainingObservers;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// One CLIP recipe at work in one run folder: opens everything, goes on from the newest sound
/// checkpoint, trains, exports.
public final class Run {
  private static final String DATA_FINGERPRINT = "data.train.fingerprint";
  private static final String TEACHER = "loss.teacher.sha256";

  /// Makes what listens to the run, once it is known where the run goes on from.
  public interface Observers {
    TrainingObserver open(RunFolder folder, CheckpointState start, DataSets data)
        throws IOException;
  }

  /// How far a run goes.
  ///
  /// @param evaluatedSamples of each evaluation at most, spread over its set
  /// @param exportsWhenStopped whether the model is written also where the run is asked to stop
  record Extent(int evaluatedSamples, boolean exportsWhenStopped) {
    static final Extent WHOLE = new Extent(Integer.MAX_VALUE, false);
  }

  private final ClipRecipe recipe;
  private final RunFolder folder;
  private final String version;
  private final BooleanSupplier stop;
  private final Extent extent;
  private final KernelListener kernels;

  /// @param version Eosin's, for manifests
  /// @param stop asked between two steps
  public Run(ClipRecipe recipe, RunFolder folder, String version, BooleanSupplier stop) {
    this(recipe, folder, version, stop, KernelListener.NONE);
  }

  /// As above.
  ///
  /// @param kernels told of every kernel call
  public Run(
      ClipRecipe recipe,
      RunFolder folder,
      String version,
      BooleanSupplier stop,
      KernelListener kernels) {
    this(recipe, folder, version, stop, Extent.WHOLE, kernels);
  }

  Run(
      ClipRecipe recipe,
      RunFolder folder,
      String version,
      BooleanSupplier stop,
      Extent extent,
      KernelListener kernels) {
    this.recipe = recipe;
    this.folder = folder;
    this.version = version;
    this.stop = stop;
    this.extent = extent;
    this.kernels = kernels;
  }

  /// Trains to the end of the schedule, or until asked to stop.
  ///
  /// @throws IOException when data or a file is at fault
  /// @throws dev.eosin.config.MachineException when the machine lacks the memory, see
  ///   [MemoryCheck], or the device
  public Trainer.End run(Observers observers) throws IOException {
    Optional<ResolvedRecipe> begun = folder.begun();
    MicroBatch pairs = MicroBatch.of(recipe, begun);
    ClipModels.checkWeights(pairs.recipe(), begun.isEmpty());
    return new Run(pairs.recipe(), folder, version, stop, extent, kernels)
        .train(pairs.note(), observers);
  }

  private Trainer.End train(Optional<String> choice, Observers observers) throws IOException {
    DataSets data = ClipModels.openData(recipe);
    Engine engine = recipe.compute().start(kernels);
    var key = new RandomKey(recipe.seed());
    try (ClipLearner learner = ClipModels.learner(recipe, engine, data.tokenizer());
        AdamW optimiser = ClipModels.optimiser(recipe, learner.clip());
        OptionalAverage average = OptionalAverage.of(recipe.ema(), learner.parameters())) {
      var store = new CheckpointStore(folder.checkpoints(), recipe.output().keep(), version);
      CheckpointStore.Recovery recovery = store.newestValid();
      Start begun = start(learner, optimiser, average, data, recovery).after(choice);
      CheckpointState start = begun.state;
      ResolvedRecipe resolved = ResolvedRecipe.of(recipe, Recipe.class);
      folder.store(resolved);
      var watch = new FolderWatch(folder, resolved);
      try (TrainingObserver observer =
              new TrainingObservers(List.of(watch, observers.open(folder, start, data)));
          BatchLoader batches =
              data.trainingBatches(key, recipe.batch(), start.dataPosition(), folder.badRows())) {
        observer.note(recipe.precision().explain(engine.device()));
        report(data, recovery, begun, observer);
        var trainer =
            new Trainer(
                new Trainer.Parts(
                    learner,
                    optimiser,
                    average.average(),
                    recipe.schedule(),
                    recipe.optimizer().lr(),
                    batches,
                    average.evaluating(
                        new ClipEvaluations(
                                recipe, data, learner.encoder(), key, extent.evaluatedSamples, stop)
                            .scheduled()),
                    store,
                    new Cadence(recipe.output().checkpointEvery(), recipe.schedule().length()),
                    observer,
                    () -> stop.getAsBoolean() || watch.removed(),
                    Group.ALONE),
                start);
        Trainer.End end = trainer.run();
        watch.requireFolder(trainer.state().step());
        if (end == Trainer.End.FINISHED || extent.exportsWhenStopped) {
          export(learner.clip(), average, observer);
          tellBest(trainer.state(), store, observer);
        }
        return end;
      }
    }
  }

  /// Where the run goes on, and what a user should know about it.
  private record Start(CheckpointState state, List<String> notes) {
    /// Also knows what was chosen before.
    Start after(Optional<String> choice) {
      return new Start(state, Stream.concat(choice.stream(), notes.stream()).toList());
    }
  }

  /// The newest sound checkpoint, or the recipe's first weights.
  ///
  /// @throws DataException when every checkpoint is damaged (starting over would bury them), or the
  ///   data is another
  private Start start(
      ClipLearner learner,
      AdamW optimiser,
      OptionalAverage average,
      DataSets data,
      CheckpointStore.Recovery recovery)
      throws DataException {
    Optional<Checkpoint> checkpoint = recovery.checkpoint();
    Optional<String> teacher = ClipModels.teacherDigest(recipe, data.tokenizer());
    if (checkpoint.isPresent()) {
      CheckpointState state = checkpoint.get().state();
      String fingerprint = data.train().fingerprint();
      requireSame(
          fingerprint.equals(state.more().getOrDefault(DATA_FINGERPRINT, fingerprint)),
          "data.train is not what this run began with (its files, rows or order differ)");
      requireSame(
          !ArchitectureText.contradicts(state.more(), learner.clip().spec()),
          "model.config describes another architecture than this run began with");
      requireSame(
          teacher.equals(Optional.ofNullable(state.more().get(TEACHER)).or(() -> teacher)),
          "loss.distillation.teacher has other weights than this run began with");
      TrainingCheckpoint.restore(learner, optimiser, average.average(), checkpoint.get());
      return new Start(state, List.of());
    }
    if (!recovery.rejected().isEmpty()) {
      throw new DataException(
          "%s: no checkpoint is sound, nothing was started: %s; restore one, or start over with --fresh"
              .formatted(folder.checkpoints(), String.join("; ", recovery.rejected())));
    }
    List<String> notes = ClipModels.firstWeights(recipe, learner.clip());
    average.begin();
    Map<String, String> more = new HashMap<>(ClipState.described(learner.clip()));
    more.put(DATA_FINGERPRINT, data.train().fingerprint());
    teacher.ifPresent(digest -> more.put(TEACHER, digest));
    return new Start(CheckpointState.beginning(recipe.seed(), more), notes);
  }

  /// Files may lie elsewhere when a run resumes; what is in them may not change.
  private void requireSame(boolean same, String otherwise) throws DataException {
    if (!same) {
      throw new DataException(
          "%s: %s; restore it, or start over with --fresh".formatted(folder.folder(), otherwise));
    }
  }

  private void report(
      DataSets data, CheckpointStore.Recovery recovery, Start start, TrainingObserver observer)
      throws IOException {
    for (String note : data.notes()) {
      observer.note(note);
    }
    for (String note : data.orderNotes(new RandomKey(recipe.seed()), recipe.batch())) {
      observer.note(note);
    }
    for (String reason : recovery.rejected()) {
      observer.note("passed over a damaged checkpoint: " + reason);
    }
    for (String note : start.notes) {
      observer.note(note);
    }
    if (start.state.step() > 0) {
      observer.note("resuming after step " + start.state.step());
    }
  }

  private void export(Clip clip, OptionalAverage average, TrainingObserver observer)
      throws IOException {
    Map<String, FileContent> tokenizer = new LinkedHashMap<>();
    ClipModels.tokenizerFiles(recipe)
        .forEach((name, text) -> tokenizer.put(name, FileContent.text(text)));
    if (recipe.lora().isPresent()) {
      Optional<String> none = average.exporting(() -> AdapterExport.write(folder.adapter(), clip));
      if (none.isPresent()) {
        observer.note("there is no adapter/ for peft: " + none.get());
      }
    }
    Optional<String> refusal =
        average.exporting(
            () -> ClipExport.write(folder.exported(), clip, recipe.data().image(), tokenizer));
    if (refusal.isPresent()) {
      observer.note("final/ has no Hugging Face model: " + refusal.get());
    }
  }

  private void tellBest(CheckpointState end, CheckpointStore store, TrainingObserver observer)
      throws IOException {
    Optional<String> better = BestScore.note(end, store.steps(), folder);
    if (better.isPresent()) {
      observer.note(better.get());
    }
  }

  /// Whether an earlier call finished everything.
  public boolean isFinished() throws DataException {
    List<Long> steps =
        new CheckpointStore(folder.checkpoints(), recipe.output().keep(), version).steps();
    return Files.exists(folder.exported())
        && !steps.isEmpty()
        && steps.getLast() == recipe.schedule().length().value();
  }
}
