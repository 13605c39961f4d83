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
import dev.eosin.file.FileContent;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.AdamW;
import dev.eosin.train.LossScaling;
import dev.eosin.train.WeightAverage;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// A CLIP run's weights and moments in native checkpoints; `docs/formats.md` is the specification.
public final class ClipCheckpoint {
  /// In a state's further keys, of a run with low-rank adapters: alpha / rank.
  static final String ADAPTER_SCALE = "lora.scale";

  static final String AVERAGE = "average.safetensors";

  private ClipCheckpoint() {}

  /// What the state of a model's checkpoints holds besides, from the first one on: the
  /// architecture, and the adapters' scale where there are some.
  public static Map<String, String> described(Clip clip) {
    Map<String, String> described = new HashMap<>();
    described.put(ArchitectureText.KEY, ArchitectureText.of(clip.spec()));
    if (!clip.adapterNames().isEmpty()) {
      described.put(ADAPTER_SCALE, Double.toString(clip.lowRank().scale()));
    }
    return described;
  }

  /// Saves masters, moments, the average where there is one, and state.
  ///
  /// @throws DataException when it cannot be written; older checkpoints are untouched
  public static void save(
      Clip clip,
      AdamW optimiser,
      Optional<WeightAverage> average,
      CheckpointStore store,
      CheckpointState state)
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
    Map<String, FileContent> others = new HashMap<>();
    if (average.isPresent()) {
      others.put(AVERAGE, averages(average.get()));
    }
    store.save(new CheckpointContent(state, model, moments, others));
  }

  private static FileContent averages(WeightAverage average) {
    var file = new SafetensorsWriter(Map.of());
    for (int i = 0; i < average.parameters().size(); i++) {
      file.add(average.parameters().get(i).name(), TensorData.of(average.averages().get(i)));
    }
    return file;
  }

  /// Fills model, optimiser and average from a checkpoint.
  ///
  /// @throws DataException when the checkpoint is of another model
  public static void restore(
      Clip clip, AdamW optimiser, Optional<WeightAverage> average, Checkpoint checkpoint)
      throws DataException {
    try (SafetensorsFile model = checkpoint.model()) {
      ClipWeights.restore(clip, model);
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
    if (average.isPresent()) {
      restore(clip, average.get(), checkpoint);
    }
  }

  private static void restore(Clip clip, WeightAverage average, Checkpoint checkpoint)
      throws DataException {
    try (SafetensorsFile file = SafetensorsFile.open(checkpoint.file(AVERAGE))) {
      for (int i = 0; i < average.parameters().size(); i++) {
        fill(clip, file, average.parameters().get(i).name(), average.averages().get(i));
      }
    } catch (IllegalArgumentException e) {
      throw new DataException(
          "%s: is not the average of this model: %s"
              .formatted(checkpoint.file(AVERAGE), e.getMessage()),
          e);
    }
  }

  private static void fill(Clip clip, StoredTensors file, String name, Tensor into)
      throws DataException {
    TensorData data = file.entry(name);
    if (!Arrays.equals(data.dimensions(), into.shape())) {
      throw new IllegalArgumentException(
          "%s has shape %s, expected %s"
              .formatted(name, data.shape(), Arrays.toString(into.shape())));
    }
    if (!data.type().isFloating()) {
      throw new IllegalArgumentException(
          "%s is %s, expected floating-point numbers".formatted(name, data.type()));
    }
    try (Tensor values = ClipWeights.mapped(clip, data)) {
      clip.engine().kernels().run("assign", into, values);
    }
    data.unload();
  }
}
