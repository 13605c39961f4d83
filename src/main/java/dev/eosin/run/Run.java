package dev.eosin.run;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.config.DataException;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.opened.DataSets;
import dev.eosin.experiment.Experiment;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.Opened;
import dev.eosin.experiment.Pin;
import dev.eosin.experiment.RunSettings;
import dev.eosin.group.Group;
import dev.eosin.random.RandomKey;
import dev.eosin.run.folders.BestScore;
import dev.eosin.run.folders.FinishedMarker;
import dev.eosin.run.folders.FolderWatch;
import dev.eosin.run.folders.FromCheckpoint;
import dev.eosin.run.folders.PinnedProducts;
import dev.eosin.run.folders.RunFolder;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import dev.eosin.train.BestSettings;
import dev.eosin.train.Cadence;
import dev.eosin.train.OptionalAverage;
import dev.eosin.train.Ranking;
import dev.eosin.train.Trainer;
import dev.eosin.train.TrainingCheckpoint;
import dev.eosin.train.TrainingObserver;
import dev.eosin.train.optimisers.Optimiser;
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
  private final Optional<FromCheckpoint> from;
  private final Group group;

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
    this(recipe, folder, version, stop, kernels, Group.ALONE);
  }

  /// As above.
  ///
  /// @param group of the ranks that train together, each with the same recipe and folder
  public Run(
      RunSettings recipe,
      RunFolder folder,
      String version,
      BooleanSupplier stop,
      KernelListener kernels,
      Group group) {
    this(recipe, folder, version, stop, Extent.WHOLE, kernels, group, Optional.empty());
  }

  public Run(
      RunSettings recipe,
      RunFolder folder,
      String version,
      BooleanSupplier stop,
      Extent extent,
      KernelListener kernels) {
    this(recipe, folder, version, stop, extent, kernels, Group.ALONE, Optional.empty());
  }

  private Run(
      RunSettings recipe,
      RunFolder folder,
      String version,
      BooleanSupplier stop,
      Extent extent,
      KernelListener kernels,
      Group group,
      Optional<FromCheckpoint> from) {
    this.recipe = recipe;
    this.folder = folder;
    this.version = version;
    this.stop = stop;
    this.extent = extent;
    this.kernels = kernels;
    this.group = group;
    this.from = from;
  }

  /// The same run, going on from a checkpoint in place of the newest one.
  ///
  /// @throws DataException when the run has begun elsewhere
  public Run from(FromCheckpoint checkpoint) throws DataException {
    Optional<FromCheckpoint> meant = checkpoint.unlessBegun(folder);
    return new Run(recipe, folder, version, stop, extent, kernels, group, meant);
  }

  /// Trains to the end of the schedule, or until asked to stop.
  ///
  /// @throws IOException when data or a file is at fault
  /// @throws dev.eosin.config.MachineException when the machine lacks the memory, see
  ///   [MemoryCheck], or the device
  public Trainer.End run(Observers observers) throws IOException {
    Optional<ResolvedRecipe> begun = begun();
    MicroBatch pairs = RankedStart.fitting(group, recipe, begun);
    List<String> notes = new ArrayList<>(pairs.note().stream().toList());
    notes.addAll(pairs.recipe().experiment().check(begun.isEmpty()));
    PinnedProducts products = PinnedProducts.of(group, pairs.recipe(), begun);
    notes.addAll(products.note().stream().toList());
    return new Run(products.recipe(), folder, version, stop, extent, kernels, group, from)
        .train(notes, observers);
  }

  private Optional<ResolvedRecipe> begun() throws DataException {
    return from.isPresent() ? Optional.of(from.get().recipe()) : folder.begun();
  }

  private Trainer.End train(List<String> found, Observers observers) throws IOException {
    Experiment experiment = recipe.experiment();
    DataSets data = experiment.data();
    Engine engine = recipe.compute().start(kernels, group);
    var key = new RandomKey(recipe.seed());
    try (Opened opened = experiment.open(engine, data, group);
        Optimiser optimiser = Optimisers.of(recipe, opened, group);
        OptionalAverage average = OptionalAverage.of(recipe.ema(), opened.learner().parameters())) {
      var store = new CheckpointStore(folder.checkpoints(), recipe.output().keep(), version);
      CheckpointStore.Recovery recovery = recovery(store);
      Ranking ranking = Ranking.of(recipe.best(), recipe.stopEarly(), recipe.evaluate());
      Start begun = start(opened, optimiser, average, experiment.pins(data), recovery).after(found);
      CheckpointState start = begun.state;
      agree(opened, optimiser, average, start);
      var watch = new FolderWatch(folder, recipe.resolved());
      var chance = new ChanceWatch(recipe.schedule().length().value());
      try (TrainingObserver observer =
              RankedStart.observer(
                  group, List.of(watch, chance), () -> observers.open(folder, start, data));
          BatchLoader batches =
              data.trainingBatches(
                  key,
                  recipe.batch(),
                  RankedStart.share(group, recipe),
                  start.dataPosition(),
                  folder.badRows(group.rank()))) {
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
                    ranking,
                    observer,
                    () -> stop.getAsBoolean() || watch.removed(),
                    group),
                start);
        Trainer.End end = trainer.run();
        watch.requireFolder(trainer.state().step());
        tell(batches.badRows(), observer);
        tellChance(end, chance, opened, data, observer);
        if (end == Trainer.End.FINISHED || extent.exportsWhenStopped()) {
          finish(end, opened, optimiser, average, trainer.state(), store, observer);
        }
        if (group.isFirst()) {
          tellPageless(observer);
        }
        return end;
      }
    }
  }

  private void agree(
      Opened opened, Optimiser optimiser, OptionalAverage average, CheckpointState start)
      throws IOException {
    RankedStart.agree(group, recipe, version, start);
    RankedStart.shareWeights(group, opened, optimiser, average);
    if (group.isFirst()) {
      FinishedMarker.remove(folder);
      folder.store(recipe.resolved());
    }
  }

  private CheckpointStore.Recovery recovery(CheckpointStore store) throws DataException {
    return from.isPresent()
        ? new CheckpointStore.Recovery(Optional.of(from.get().checkpoint()), List.of())
        : RankedStart.newest(group, store);
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
      return from.isPresent()
          ? new Start(from.get().state(), List.of(from.get().note()))
          : new Start(state, List.of());
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
    observer.notes(data.notes());
    observer.notes(data.orderNotes(new RandomKey(recipe.seed()), recipe.batch()));
    for (String reason : recovery.rejected()) {
      observer.note("passed over a damaged checkpoint: " + reason);
    }
    observer.notes(start.notes);
    if (start.state.step() > 0) {
      observer.note("resuming after step " + start.state.step());
    }
  }

  /// The marker comes last: where it is, the model is whole.
  private void finish(
      Trainer.End end,
      Opened opened,
      Optimiser optimiser,
      OptionalAverage average,
      CheckpointState state,
      CheckpointStore store,
      TrainingObserver observer)
      throws IOException {
    if (group.isFirst()) {
      if (!showBest(opened, optimiser, average, state, store, observer)) {
        tellBest(state, store, observer);
      }
      export(opened, average, observer);
      if (end == Trainer.End.FINISHED && extent == Extent.WHOLE) {
        FinishedMarker.write(folder, state, group.size());
      }
    }
    group.meet(Group.Work.CHECKPOINT);
  }

  private void tellPageless(TrainingObserver observer) throws IOException {
    Optional<String> pageless = RunReport.tryToWrite(folder.folder(), version);
    if (pageless.isPresent()) {
      observer.note(pageless.get());
    }
  }

  private void export(Opened opened, OptionalAverage average, TrainingObserver observer)
      throws IOException {
    observer.notes(average.exporting(() -> opened.export(folder.exported(), folder.adapter())));
  }

  /// Takes the best weights in place of the last ones, where the recipe exports them.
  ///
  /// @return whether they were taken; not where the last ones are the best, or no checkpoint of the
  ///   best is there
  private boolean showBest(
      Opened opened,
      Optimiser optimiser,
      OptionalAverage average,
      CheckpointState end,
      CheckpointStore store,
      TrainingObserver observer)
      throws IOException {
    boolean asked = recipe.best().filter(b -> b.export() == BestSettings.Exported.BEST).isPresent();
    Optional<Checkpoint> best = asked ? store.best() : Optional.empty();
    Optional<Long> step = best.map(checkpoint -> checkpoint.state().step());
    if (best.isEmpty() || !end.best().map(CheckpointState.Best::step).equals(step)) {
      return false;
    }
    Checkpoint sound = Checkpoint.verify(best.get().folder());
    TrainingCheckpoint.restore(opened.learner(), optimiser, average.average(), sound);
    observer.note(BestScore.exported(end.best().orElseThrow(), folder));
    return true;
  }

  private static void tell(Optional<String> note, TrainingObserver to) throws IOException {
    if (note.isPresent()) {
      to.note(note.get());
    }
  }

  private void tellChance(
      Trainer.End end, ChanceWatch chance, Opened opened, DataSets data, TrainingObserver observer)
      throws IOException {
    if (end != Trainer.End.FINISHED || !chance.stands()) {
      return;
    }
    var key = new RandomKey(recipe.seed());
    Batch first = data.plainBatches(key, recipe.batch(), 1).getFirst();
    Optional<String> verdict = chance.verdict(opened.learner().range(first));
    if (verdict.isPresent()) {
      observer.note(verdict.get());
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
    return from.isEmpty()
        && Files.exists(folder.exported())
        && !steps.isEmpty()
        && (steps.getLast() == recipe.schedule().length().value() || endedEarly());
  }

  /// Whether the newest checkpoint is where the recipe ends the run early.
  private boolean endedEarly() throws DataException {
    if (recipe.stopEarly().isEmpty()) {
      return false;
    }
    Ranking ranking = Ranking.of(recipe.best(), recipe.stopEarly(), recipe.evaluate());
    return new CheckpointStore(folder.checkpoints(), recipe.output().keep(), version)
        .newestSound(Checkpoint.Use.TRAINING)
        .checkpoint()
        .filter(newest -> ranking.isOver(newest.state()))
        .isPresent();
  }
}
