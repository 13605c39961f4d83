package dev.eosin.clip.stored;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.clip.WeightsSettings;
import dev.eosin.clip.spec.ArchitectureText;
import dev.eosin.clip.spec.ArchitectureWords;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.config.DataException;
import dev.eosin.train.WeightsPart;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The newest sound checkpoint of another run, taken for the first weights of this one. Nothing in
/// the other run's folder is changed.
final class RunWeights {
  private final WeightsSettings.Run settings;
  private final Checkpoint checkpoint;
  private final CheckpointWeights weights;

  private RunWeights(WeightsSettings.Run settings, Checkpoint checkpoint) {
    this.settings = settings;
    this.checkpoint = checkpoint;
    this.weights = new CheckpointWeights(checkpoint, settings.part());
  }

  /// @param wanted the architecture with the recipe's input sizes
  /// @throws DataException when the run has no sound checkpoint, or another architecture
  static StartingWeights open(WeightsSettings.Run settings, ClipSpec wanted) throws DataException {
    Path folder = settings.path();
    CheckpointStore.Recovery found =
        new CheckpointStore(folder.resolve("checkpoints"), 1, "").newestSound(Checkpoint.Use.MODEL);
    if (found.checkpoint().isEmpty()) {
      throw new DataException(
          "%s: has no sound checkpoint to start from; initialise-from (or a teacher's weights of type run) names a run folder of Eosin's%s"
              .formatted(
                  folder,
                  found.rejected().isEmpty() ? "" : ": " + String.join("; ", found.rejected())));
    }
    var weights = new RunWeights(settings, found.checkpoint().get());
    weights.requireArchitecture(wanted);
    List<String> notes = new ArrayList<>(List.of(weights.note()));
    StoredTensors stored = weights.weights.open();
    try {
      StartingWeights.requireNoAdapters(stored);
      Layout layout = ClipWeights.eosin(wanted);
      StoredTensors file = WithoutLogitBias.where(wanted, layout, stored, notes);
      return new StartingWeights(file, layout, notes);
    } catch (DataException | RuntimeException | Error e) {
      stored.close();
      throw e;
    }
  }

  private void requireArchitecture(ClipSpec wanted) throws DataException {
    String theirs = ArchitectureText.ofWeights(ArchitectureText.stored(checkpoint.state().more()));
    String ours = ArchitectureText.ofWeights(ArchitectureText.of(wanted));
    String ofTheOtherLoss =
        ArchitectureText.ofWeights(ArchitectureText.of(wanted.withLogitBias(!wanted.logitBias())));
    if (!theirs.equals(ours) && !theirs.equals(ofTheOtherLoss)) {
      throw new OtherArchitecture(
          "%s: its model is another than this recipe's: %s; take the same model, image size and text length, or its final/ with type: open-clip"
              .formatted(settings.path(), ArchitectureWords.differences("", theirs, ours)));
    }
  }

  private String note() throws DataException {
    return "the first weights are %s of step %d of %s (sha256 %s)%s"
        .formatted(
            settings.part() == WeightsPart.AVERAGE ? "the average" : "those",
            checkpoint.state().step(),
            settings.path(),
            checkpoint.sha256(weights.file()),
            weights.adapterScale().isPresent() ? ", its adapters merged into them" : "");
  }
}
