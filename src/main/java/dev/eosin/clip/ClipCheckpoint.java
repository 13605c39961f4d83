package dev.eosin.clip;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointContent;
import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.AdamW;
import dev.eosin.train.LossScaling;
import java.util.Arrays;
import java.util.Map;

/// A CLIP run's weights and moments in native checkpoints; `docs/formats.md` is the specification.
public final class ClipCheckpoint {
  private ClipCheckpoint() {}

  /// Saves masters, moments and state.
  ///
  /// @throws DataException when it cannot be written; older checkpoints are untouched
  public static void save(Clip clip, AdamW optimiser, CheckpointStore store, CheckpointState state)
      throws DataException {
    var model = new SafetensorsWriter(Map.of());
    for (Parameter parameter : clip.parameters().all()) {
      model.add(parameter.name(), TensorData.of(parameter.master()));
    }
    var moments = new SafetensorsWriter(Map.of());
    for (Parameter parameter : optimiser.parameters()) {
      AdamW.Moments both = optimiser.moments(parameter);
      moments.add(Checkpoint.firstMoment(parameter.name()), TensorData.of(both.first()));
      moments.add(Checkpoint.secondMoment(parameter.name()), TensorData.of(both.second()));
    }
    store.save(new CheckpointContent(state, model, moments));
  }

  /// Fills model and optimiser from a checkpoint.
  ///
  /// @throws DataException when the checkpoint is of another model
  public static void restore(Clip clip, AdamW optimiser, Checkpoint checkpoint)
      throws DataException {
    try (SafetensorsFile model = checkpoint.model()) {
      ClipWeights.load(clip, ClipWeights.eosin(clip.spec()), model);
    }
    try (SafetensorsFile moments = checkpoint.optimizer()) {
      for (Parameter parameter : optimiser.parameters()) {
        AdamW.Moments both = optimiser.moments(parameter);
        fill(clip, moments, Checkpoint.firstMoment(parameter.name()), both.first());
        fill(clip, moments, Checkpoint.secondMoment(parameter.name()), both.second());
      }
    } catch (IllegalArgumentException e) {
      throw new DataException(
          "%s: is not the optimiser state of this model: %s"
              .formatted(checkpoint.folder(), e.getMessage()),
          e);
    }
    optimiser.restoreCount(LossScaling.updates(checkpoint.state()));
  }

  private static void fill(Clip clip, StoredTensors file, String name, Tensor into)
      throws DataException {
    TensorData data = file.entry(name);
    if (!Arrays.equals(data.dimensions(), into.shape())) {
      throw new IllegalArgumentException(
          "%s has shape %s, expected %s"
              .formatted(name, data.shape(), Arrays.toString(into.shape())));
    }
    try (Tensor values = clip.engine().of(data.floats(), data.dimensions())) {
      clip.engine().kernels().run("assign", into, values);
    }
  }
}
