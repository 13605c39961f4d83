package dev.eosin.clip.stored;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.clip.ClipState;
import dev.eosin.config.DataException;
import dev.eosin.model.MergedTensors;
import dev.eosin.model.OverlaidTensors;
import dev.eosin.train.TrainingCheckpoint;
import dev.eosin.train.WeightsPart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What the model of a native checkpoint computes with: its weights, or the moving average of them,
/// with low-rank adapters merged.
///
/// @param part which of the two
record CheckpointWeights(Checkpoint checkpoint, WeightsPart part) {
  /// Under Eosin's names.
  ///
  /// @throws DataException when the file cannot be read, or the run kept no average
  StoredTensors open() throws DataException {
    StoredTensors weights = chosen();
    Optional<String> scale = adapterScale();
    return scale.isPresent()
        ? new MergedTensors(weights, Double.parseDouble(scale.get()))
        : weights;
  }

  /// alpha / rank of the adapters, where there are some.
  Optional<String> adapterScale() {
    return Optional.ofNullable(checkpoint.state().more().get(ClipState.ADAPTER_SCALE));
  }

  /// The file of the checkpoint that they are in.
  String file() {
    return switch (part) {
      case WEIGHTS -> Checkpoint.MODEL;
      case AVERAGE -> TrainingCheckpoint.AVERAGE;
    };
  }

  private StoredTensors chosen() throws DataException {
    return switch (part) {
      case WEIGHTS -> checkpoint.model();
      case AVERAGE -> averaged();
    };
  }

  /// Locked weights have no average: they are what they were.
  private StoredTensors averaged() throws DataException {
    Path file = checkpoint.file(file());
    if (!Files.exists(file)) {
      throw new DataException(
          "%s: that run kept no average; take part: weights".formatted(checkpoint.folder()));
    }
    StoredTensors model = checkpoint.model();
    try {
      return new OverlaidTensors(model, SafetensorsFile.open(file));
    } catch (DataException | RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }
}
