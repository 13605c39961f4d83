package dev.eosin.clip;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The newest sound checkpoint of another run, taken for the first weights of this one. Nothing in
/// the other run's folder is changed.
final class RunWeights {
  private final WeightsSettings.Run settings;
  private final Checkpoint checkpoint;

  private RunWeights(WeightsSettings.Run settings, Checkpoint checkpoint) {
    this.settings = settings;
    this.checkpoint = checkpoint;
  }

  /// @param wanted the architecture with the recipe's input sizes
  /// @throws DataException when the run has no sound checkpoint, or another architecture
  static StartingWeights open(WeightsSettings.Run settings, ClipSpec wanted) throws DataException {
    Path folder = settings.path();
    CheckpointStore.Recovery found =
        new CheckpointStore(folder.resolve("checkpoints"), 1, "").newestSound();
    if (found.checkpoint().isEmpty()) {
      throw new DataException(
          "%s: has no sound checkpoint to start from; model.weights.path of type run is a run folder of Eosin's%s"
              .formatted(
                  folder,
                  found.rejected().isEmpty() ? "" : ": " + String.join("; ", found.rejected())));
    }
    var weights = new RunWeights(settings, found.checkpoint().get());
    weights.requireArchitecture(wanted);
    List<String> notes = new ArrayList<>(List.of(weights.note()));
    StoredTensors stored = weights.tensors();
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
    String theirs = ArchitectureText.stored(checkpoint.state().more());
    String ours = ArchitectureText.of(wanted);
    String ofTheOtherLoss = ArchitectureText.of(wanted.withLogitBias(!wanted.logitBias()));
    if (!theirs.equals(ours) && !theirs.equals(ofTheOtherLoss)) {
      throw new DataException(
          "%s: its model is another than this recipe's: %s, here %s; take the same model, image size and text length, or its final/ with type: open-clip"
              .formatted(settings.path(), theirs, ours));
    }
  }

  /// A run that trained adapters is taken as what it computes: they are merged into the weights.
  private StoredTensors tensors() throws DataException {
    StoredTensors part = part();
    Optional<String> scale = adapterScale();
    return scale.isPresent() ? new MergedTensors(part, Double.parseDouble(scale.get())) : part;
  }

  private Optional<String> adapterScale() {
    return Optional.ofNullable(checkpoint.state().more().get(ClipCheckpoint.ADAPTER_SCALE));
  }

  private StoredTensors part() throws DataException {
    return switch (settings.part()) {
      case WEIGHTS -> checkpoint.model();
      case AVERAGE -> averaged();
    };
  }

  /// Locked weights have no average: they are what they were.
  private StoredTensors averaged() throws DataException {
    Path file = checkpoint.file(file());
    if (!Files.exists(file)) {
      throw new DataException(
          "%s: that run kept no average; take part: weights".formatted(settings.path()));
    }
    StoredTensors model = checkpoint.model();
    try {
      return new OverlaidTensors(model, SafetensorsFile.open(file));
    } catch (DataException | RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  private String file() {
    return switch (settings.part()) {
      case WEIGHTS -> Checkpoint.MODEL;
      case AVERAGE -> ClipCheckpoint.AVERAGE;
    };
  }

  private String note() throws DataException {
    return "the first weights are %s of step %d of %s (sha256 %s)%s"
        .formatted(
            settings.part() == WeightsSettings.Part.AVERAGE ? "the average" : "those",
            checkpoint.state().step(),
            settings.path(),
            checkpoint.sha256(file()),
            adapterScale().isPresent() ? ", its adapters merged into them" : "");
  }
}
