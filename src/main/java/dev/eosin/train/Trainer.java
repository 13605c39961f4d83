package dev.eosin.train;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.checkpoint.Quote;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.shard.LostShardException;
import dev.eosin.group.Group;
import dev.eosin.group.RankAgreement;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.text.EncodedCaption.Fit;
import dev.eosin.train.optimisers.Optimiser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/// Trains a [Learner]: evaluate, save, stop or step, in that order, so that every checkpoint holds
/// the evaluations of its step.
///
/// It runs on one thread. Everything that decides a result (weights, moments, position in the data,
/// step) is in the checkpoint, so a run that resumes goes on bit for bit.
public final class Trainer {
  /// How a call to [#run] ended.
  public enum End {
    FINISHED,
    STOPPED
  }

  /// Everything a run needs; the trainer closes none of it.
  ///
  /// @param average of the weights, where one is kept
  /// @param peakRate the optimiser's learning rate
  /// @param evaluations in the order they run in
  /// @param checkpoints when a checkpoint is saved; also at the end and when stopped
  /// @param ranking which weights are kept as the best, and whether the run ends early
  /// @param stop asked between two steps, and before each evaluation: what is due then, and what an
  ///   evaluation has cut short, runs when the run goes on; the ranks agree on it
  /// @param group whose ranks train together; the first one writes checkpoints
  public record Parts(
      Learner learner,
      Optimiser optimiser,
      Optional<WeightAverage> average,
      ScheduleSettings schedule,
      double peakRate,
      BatchLoader batches,
      List<Scheduled> evaluations,
      CheckpointStore store,
      Cadence checkpoints,
      Ranking ranking,
      TrainingObserver observer,
      BooleanSupplier stop,
      Group group) {}

  private static final int ROWS_TOLD = 20;

  private final Parts parts;
  private final Updater updater;
  private CheckpointState state;
  private List<String> lastRows = List.of();
  private long saved;
  private boolean compared;
  private boolean evaluating;

  /// @param state where to go on: [CheckpointState] of step 0, or what a checkpoint held after
  ///   [TrainingCheckpoint#restore]
  public Trainer(Parts parts, CheckpointState state) {
    this.parts = parts;
    this.state = state;
    this.updater =
        new Updater(
            parts.learner,
            parts.optimiser,
            parts.average,
            parts.group,
            LossScaling.of(parts.learner.compute(), state));
    this.saved = state.step() == 0 ? -1 : state.step();
  }

  /// Trains until the schedule's length or until asked to stop; either way the last state is saved.
  ///
  /// @throws DivergedException when the loss, a gradient, a weight or an embedding is not finite,
  ///   naming the step and the rows; such weights are never saved
  /// @throws LostShardException when a shard vanishes; what was done is saved, unless that happens
  ///   to a further rank in an evaluation, where the others cannot be told
  /// @throws IOException when data cannot be read or a file not written
  public End run() throws IOException {
    try {
      return evaluateSaveAndStep();
    } catch (LostShardException e) {
      saveInSpiteOf(e);
      throw e;
    }
  }

  /// In an evaluation the other ranks know of nothing yet: no meeting with them, and this rank's
  /// end is theirs. Without them there is no checkpoint where they have parts of the state.
  private void saveInSpiteOf(LostShardException failure) {
    if (saved != state.step()) {
      try {
        if (evaluating && !parts.optimiser.shards().isWhole()) {
          parts.observer.note(
              "stopped after step %d, not saved: in an evaluation no rank can ask the others for their parts of the optimiser's state"
                  .formatted(state.step()));
          return;
        }
        if (evaluating) {
          write();
        } else {
          save();
        }
        parts.observer.note("stopped after step %d, saved".formatted(state.step()));
      } catch (IOException alsoLost) {
        failure.addSuppressed(alsoLost);
      }
    }
  }

  private End evaluateSaveAndStep() throws IOException {
    long length = parts.schedule.length().value();
    while (true) {
      Evaluated evaluated = evaluateWhereDue();
      boolean cutShort = evaluated == Evaluated.CUT_SHORT;
      boolean finished = !cutShort && (state.step() == length || endsEarly());
      boolean stopping = cutShort || (!finished && isStopping());
      boolean due =
          (parts.checkpoints.due(state.step()) && state.step() > 0) || (!cutShort && savesBest());
      boolean news = saved != state.step() || evaluated == Evaluated.ALL;
      if (news && (due || finished || stopping)) {
        save();
      }
      if (finished) {
        tellEarlyEnd(length);
        return End.FINISHED;
      }
      if (stopping) {
        parts.observer.note("stopped after step %d, saved".formatted(state.step()));
        return End.STOPPED;
      }
      parts.observer.begins(StepPhase.DATA);
      parts.observer.step(step(nextBatch()));
      parts.group.settled();
    }
  }

  /// Where the run stands.
  public CheckpointState state() {
    return state;
  }

  /// The first rank decides for all, so that no rank goes on alone: figures of an evaluation that
  /// ranks do not share may differ in their last digits.
  private boolean endsEarly() {
    return parts.ranking.early().isPresent()
        && parts.group.any(parts.group.isFirst() && parts.ranking.isOver(state));
  }

  /// As above.
  private boolean savesBest() {
    return parts.ranking.best().isPresent()
        && parts.group.any(parts.group.isFirst() && parts.ranking.savesBest(state));
  }

  private void tellEarlyEnd(long length) throws IOException {
    if (state.step() < length && parts.ranking.early().isPresent()) {
      parts.observer.note(parts.ranking.early().get().said(state));
    }
  }

  /// A rank that loses a shard takes the others with it while all can still save.
  private Batch nextBatch() throws IOException {
    Optional<LostShardException> lost = Optional.empty();
    Optional<Batch> batch = Optional.empty();
    try {
      batch = Optional.of(parts.batches.next());
    } catch (LostShardException gone) {
      lost = Optional.of(gone);
    }
    if (parts.group.any(lost.isPresent())) {
      throw lost.orElseGet(() -> new LostShardException("a shard is gone on another rank"));
    }
    return batch.orElseThrow();
  }

  private boolean isStopping() {
    return parts.group.any(parts.stop.getAsBoolean());
  }

  private void save() throws IOException {
    write();
    parts.group.meet(Group.Work.CHECKPOINT);
    saved = state.step();
  }

  private void write() throws IOException {
    requireFiniteWeights();
    parts.observer.sync();
    if (parts.group.isFirst()) {
      TrainingCheckpoint.save(parts.learner, parts.optimiser, parts.average, parts.store, state);
    } else {
      TrainingCheckpoint.send(parts.optimiser);
    }
  }

  private enum Evaluated {
    NONE,
    ALL,
    CUT_SHORT
  }

  private Evaluated evaluateWhereDue() throws IOException {
    if (state.lastEvaluatedStep().equals(OptionalLong.of(state.step()))) {
      return Evaluated.NONE;
    }
    CheckpointState before = state;
    Evaluated evaluated = Evaluated.NONE;
    for (Scheduled scheduled : parts.evaluations) {
      if (scheduled.cadence().due(state.step())) {
        Optional<EvaluationReport> report =
            isStopping() ? Optional.empty() : evaluate(scheduled, before);
        if (parts.group.any(report.isEmpty())) {
          state = before;
          return Evaluated.CUT_SHORT;
        }
        parts.observer.evaluation(report.orElseThrow());
        state = parts.ranking.noted(state, report.orElseThrow(), scheduled.score());
        evaluated = Evaluated.ALL;
      }
    }
    return evaluated;
  }

  private Optional<EvaluationReport> evaluate(Scheduled scheduled, CheckpointState before)
      throws IOException {
    try {
      evaluating = true;
      Optional<EvaluationReport> report = scheduled.evaluation().run(state.step());
      evaluating = false;
      return report;
    } catch (LostShardException e) {
      state = before;
      throw e;
    } catch (DivergedException e) {
      throw new DivergedException(
          "evaluation after step %d: %s%s".formatted(state.step(), e.getMessage(), afterLastRows()),
          e);
    }
  }

  private StepReport step(Batch batch) throws IOException {
    lastRows = batch.keys();
    long started = System.nanoTime() - batch.dataWaitNanos();
    double rate = parts.schedule.learningRate(parts.peakRate, state.step());
    Updater.Outcome done =
        updater.step(
            batch,
            rate,
            state.step() + 1,
            value -> requireFinite("loss", value, batch),
            parts.observer::begins);
    if (!done.applied()) {
      tellLeftOut(done, batch);
    }
    long rows = Math.round(parts.group.sum(batch.size()));
    state = state.advanced(rows, parts.batches.position(), updater.scaling().state());
    double seconds = (System.nanoTime() - started) / 1e9;
    return new StepReport(
        state.step(),
        done.losses().total(),
        rate,
        done.norm(),
        figures(done),
        rows / seconds,
        state.samples(),
        parts.group.size(),
        batch.dataWaitNanos() / 1e9 / seconds,
        batch.share(Fit.TRUNCATED),
        batch.share(Fit.SAMPLED),
        updater.scaling(),
        shares(batch));
  }

  /// The digest goes over all weights, so that it is taken where a checkpoint takes longer anyway.
  private Optional<StepReport.RankShares> shares(Batch batch) {
    if (parts.group.size() == 1) {
      return Optional.empty();
    }
    long rows = batch.size();
    byte[] own = ByteBuffer.allocate(Long.BYTES).putLong(rows).array();
    List<Long> samples =
        parts.group.exchange(own).stream().map(each -> ByteBuffer.wrap(each).getLong()).toList();
    boolean digested = !compared || parts.checkpoints.due(state.step());
    compared = true;
    return Optional.of(
        new StepReport.RankShares(
            samples,
            digested
                ? Optional.of(
                    RankAgreement.sameWeights(
                        parts.group,
                        parts.optimiser.parameters().stream().map(Parameter::master).toList()))
                : Optional.empty()));
  }

  private static Map<String, Double> figures(Updater.Outcome done) {
    Map<String, Double> figures = new LinkedHashMap<>(done.losses().parts());
    figures.putAll(done.figures());
    return figures;
  }

  /// Nothing of a step was applied: the next one has a lower scale, or the run ends.
  private void tellLeftOut(Updater.Outcome done, Batch batch) throws IOException {
    if (done.left().isEmpty()) {
      throw notFinite("gradient norm", done.norm(), batch);
    }
    parts.observer.note(
        "step %d: a gradient is not finite; nothing of this step was applied, the loss scale is now %.0f"
            .formatted(state.step() + 1, done.left().get().scale()));
  }

  /// One norm over all of them: a weight beyond 1e19 counts as infinite.
  private void requireFiniteWeights() {
    List<Tensor> saved = new ArrayList<>();
    parts.optimiser.parameters().forEach(parameter -> saved.add(parameter.master()));
    parts.average.ifPresent(average -> saved.addAll(average.averages()));
    try (Tensor norm = parts.learner.parameters().engine().kernels().one("gradient_norm", saved)) {
      if (!Float.isFinite(norm.toFloat())) {
        throw new DivergedException(
            "step %d: the weights are not finite; they were not saved%s. Lower optimizer.lr"
                .formatted(state.step(), afterLastRows()));
      }
    }
  }

  private String afterLastRows() {
    return lastRows.isEmpty() ? "" : ". Rows of the last step: " + Quote.some(lastRows, ROWS_TOLD);
  }

  private void requireFinite(String what, double value, Batch batch) {
    if (!Double.isFinite(value)) {
      throw notFinite(what, value, batch);
    }
  }

  private DivergedException notFinite(String what, double value, Batch batch) {
    return new DivergedException(
        "step %d: the %s is %s; %s. Rows: %s. %s"
            .formatted(
                state.step() + 1,
                what,
                String.valueOf(value).toLowerCase(Locale.ROOT),
                updater.changesFirst()
                    ? "what this step changed is in no checkpoint"
                    : "nothing of this step was applied",
                Quote.some(batch.keys(), ROWS_TOLD),
                advice()));
  }

  /// Before the first update no rate has changed a weight.
  private String advice() {
    return state.step() == 0
        ? "No weight was changed yet, so optimizer.lr is not the cause: use precision: fp32, or look at the weights that the run starts from ('eosin inspect') and at data.image.mean and std"
        : "Lower optimizer.lr, set optimizer.clip-norm, or use precision: fp32";
  }
}
