package dev.eosin.run;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.config.DataException;
import dev.eosin.config.MachineException;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.data.batches.BatchShare;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.experiment.Opened;
import dev.eosin.experiment.RunSettings;
import dev.eosin.group.Group;
import dev.eosin.group.RankAgreement;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.OptionalAverage;
import dev.eosin.train.TrainingObserver;
import dev.eosin.train.TrainingObservers;
import dev.eosin.train.optimisers.Optimiser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How the ranks of a run begin alike: from the same checkpoint, by the same recipe, with the same
/// weights. One rank alone does what it always did.
public final class RankedStart {
  /// What writes a run's log and shows its progress.
  @FunctionalInterface
  interface Observed {
    TrainingObserver open() throws IOException;
  }

  private RankedStart() {}

  /// As [MicroBatch#of], for this rank's share of the batch and of the machine's memory. Where the
  /// recipe leaves the number to Eosin, all take the first rank's.
  static MicroBatch fitting(Group group, RunSettings recipe, Optional<ResolvedRecipe> begun)
      throws IOException {
    if (group.size() == 1) {
      return MicroBatch.of(recipe, begun);
    }
    BatchSettings batch = recipe.batch();
    if (!batch.choosesAtOnce()) {
      MemoryCheck.of(recipe, group.size(), group.localSize()).requireRoom();
      return new MicroBatch(recipe, Optional.empty());
    }
    MicroBatch own = MicroBatch.of(MemoryCheck.of(recipe, group.size(), group.localSize()), begun);
    byte[] chosen =
        ByteBuffer.allocate(Integer.BYTES).putInt(own.recipe().batch().atOnce()).array();
    int first = ByteBuffer.wrap(group.exchange(chosen).getFirst()).getInt();
    return new MicroBatch(recipe.withBatch(batch.withAtOnce(first)), own.note());
  }

  /// The checkpoint to go on from; the first rank clears away what interrupted saves left.
  static CheckpointStore.Recovery newest(Group group, CheckpointStore store) throws DataException {
    if (group.isFirst()) {
      CheckpointStore.Recovery found = store.newestValid();
      group.meet(Group.Work.START_UP);
      return found;
    }
    group.meet(Group.Work.START_UP);
    return store.newestSound(Checkpoint.Use.TRAINING);
  }

  /// The rows of each batch that a rank works on.
  ///
  /// @throws MachineException when a rank would have none
  public static BatchShare share(Group group, RunSettings recipe) {
    int all = recipe.batch().global();
    if (all < group.size()) {
      throw new MachineException(
          "batch.global is %d, fewer than the %d ranks; start fewer, or raise it"
              .formatted(all, group.size()));
    }
    return new BatchShare(all, group.rank(), group.size());
  }

  /// @throws MachineException when a rank has another version, recipe or checkpoint
  static void agree(Group group, RunSettings recipe, String version, CheckpointState start) {
    if (group.size() > 1) {
      RankAgreement.same(
          group, version, "rank %d runs Eosin %s, rank 0 runs %s: install the same everywhere");
      RankAgreement.same(
          group,
          recipe.resolved().text(),
          "rank %d has another recipe than rank 0:%n%s%nagainst%n%s");
      RankAgreement.same(
          group,
          "step %d, sample %d".formatted(start.step(), start.dataPosition()),
          "rank %d goes on from another checkpoint than rank 0 (%s; %s): output.dir must lie on a file system that all machines share");
    }
  }

  /// What the first rank begins with, all begin with.
  static void shareWeights(
      Group group, Opened opened, Optimiser optimiser, OptionalAverage average) {
    if (group.size() == 1) {
      return;
    }
    List<Tensor> all = new ArrayList<>();
    for (Parameter parameter : opened.learner().parameters().saved()) {
      all.add(parameter.data());
      if (parameter.shadowed()) {
        all.add(parameter.master());
      }
    }
    average.average().ifPresent(kept -> all.addAll(kept.averages()));
    group.broadcast(all);
    RankAgreement.sameWeights(
        group, optimiser.parameters().stream().map(Parameter::master).toList());
  }

  /// The first rank tells and writes what a run tells; the others are silent.
  ///
  /// @param inner who listens besides
  static TrainingObserver observer(Group group, List<TrainingObserver> inner, Observed observed)
      throws IOException {
    if (!group.isFirst()) {
      return new TrainingObservers(List.of());
    }
    List<TrainingObserver> all = new ArrayList<>(inner);
    all.add(observed.open());
    return new TrainingObservers(all);
  }
}
