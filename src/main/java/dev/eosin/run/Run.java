package dev.eosin.run;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.config.DataException;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.data.BatchLoader;
import dev.eosin.data.DataSets;
import dev.eosin.experiment.Experiment;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.Opened;
import dev.eosin.experiment.Pin;
import dev.eosin.experiment.RunSettings;
import dev.eosin.group.Group;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import dev.eosin.train.Cadence;
import dev.eosin.train.Optimiser;
import dev.eosin.train.OptionalAverage;
import dev.eosin.train.Trainer;
import dev.eosin.train.TrainingCheckpoint;
import dev.eosin.train.TrainingObserver;
import dev.eosin.train.TrainingObservers;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// One recipe at work in one run folder: opens everything, goes on from the newest sound
/// checkpoint, trains, exports.
public final class Run {
  /// Makes what listens to the run, once it is known where the run goes on from.
  public interface Observers {
    TrainingObserver open(RunFolder folder, CheckpointState start, DataSets data)
        throws IOException;
  }

  private final RunSettings recipe;
  private final RunFolder folder;
  private final String version;
  private final BooleanSupplier stop;
  private final Extent extent;
  private final KernelListener kernels;

  /// @param version Eosin's, for manifests
  /// @param stop asked between two steps
  public Run(RunSettings recipe, RunFolder folder, String version, BooleanSupplier stop) {
    this(recipe, folder, version, stop, KernelListener.NONE);
  }

  /// As above.
  ///
  /// @param kernels told of every kernel call
  public Run(
      RunSettings recipe,
      RunFolder folder,
      String version,
      BooleanSupplier stop,
      KernelListener kernels) {
    this(recipe, folder, version, stop, Extent.WHOLE, kernels);
  }

  Run(
      RunSettings recipe,
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
    List<String> notes = new ArrayList<>(pairs.note().stream().toList());
    notes.addAll(pairs.recipe().experiment().check(begun.isEmpty()));
    return new Run(pairs.recipe(), folder, version, stop, extent, kernels).train(notes, observers);
  }

  private Trainer.End train(List<String> found, Observers observers) throws IOException {
    Experiment experiment = recipe.experiment();
    DataSets data = experiment.data();
    Engine engine = recipe.compute().start(kernels);
    var key = new RandomKey(recipe.seed());
    try (Opened opened = experiment.open(engine, data);
        Optimiser optimiser = Optimisers.of(recipe, opened);
        OptionalAverage average = OptionalAverage.of(recipe.ema(), opened.learner().parameters())) {
      var store = new CheckpointStore(folder.checkpoints(), recipe.output().keep(), version);
      CheckpointStore.Recovery recovery = store.newestValid();
      Start begun = start(opened, optimiser, average, experiment.pins(data), recovery).after(found);
      CheckpointState start = begun.state;
      ResolvedRecipe resolved = recipe.resolved();
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
                    opened.learner(),
                    optimiser,
                    average.average(),
                    recipe.schedule(),
                    recipe.optimizer().lr(),
                    batches,
                    average.evaluating(opened.evaluations(extent, stop)),
                    store,
                    new Cadence(recipe.output().checkpointEvery(), recipe.schedule().length()),
                    observer,
                    () -> stop.getAsBoolean() || watch.removed(),
                    Group.ALONE),
                start);
        Trainer.End end = trainer.run();
        watch.requireFolder(trainer.state().step());
        if (end == Trainer.End.FINISHED || extent.exportsWhenStopped()) {
          export(opened, average, observer);
          tellBest(trainer.state(), store, observer);
        }
        return end;
      }
    }
  }

  /// Where the run goes on, and what a user should know about it.
  private record Start(CheckpointState state, List<String> notes) {
    /// Also knows what was chosen and found before.
    Start after(List<String> found) {
      return new Start(state, Stream.concat(found.stream(), notes.stream()).distinct().toList());
    }
  }

  /// The newest sound checkpoint, or the recipe's first weights.
  ///
  /// @throws DataException when every checkpoint is damaged (starting over would bury them), or the
  ///   data is another
  private Start start(
      Opened opened,
      Optimiser optimiser,
      OptionalAverage average,
      List<Pin> pins,
      CheckpointStore.Recovery recovery)
      throws IOException {
    Optional<Checkpoint> checkpoint = recovery.checkpoint();
    if (checkpoint.isPresent()) {
      CheckpointState state = checkpoint.get().state();
      for (Pin pin : pins) {
        requireSame(!pin.contradicts(state.more()), pin.otherwise());
      }
      TrainingCheckpoint.restore(opened.learner(), optimiser, average.average(), checkpoint.get());
      return new Start(state, List.of());
    }
    if (!recovery.rejected().isEmpty()) {
      throw new DataException(
          "%s: no checkpoint is sound, nothing was started: %s; restore one, or start over with --fresh"
              .formatted(folder.checkpoints(), String.join("; ", recovery.rejected())));
    }
    List<String> notes = opened.begin();
    average.begin();
    Map<String, String> more = new HashMap<>();
    pins.forEach(pin -> more.put(pin.key(), pin.value()));
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

  private void export(Opened opened, OptionalAverage average, TrainingObserver observer)
      throws IOException {
    List<String> notes =
        average.exporting(() -> opened.export(folder.exported(), folder.adapter()));
    for (String note : notes) {
      observer.note(note);
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
