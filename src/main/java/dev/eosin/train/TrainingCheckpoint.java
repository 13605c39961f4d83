package dev.eosin.train;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointContent;
import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.optimisers.Optimiser;
import dev.eosin.train.optimisers.ShardedState;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A run's weights and moments in native checkpoints; `docs/formats.md` is the specification.
public final class TrainingCheckpoint {
  /// The file of averaged weights.
  public static final String AVERAGE = "average.safetensors";

  /// The file of what a learner keeps besides.
  public static final String KEPT = "kept.safetensors";

  private TrainingCheckpoint() {}

  /// Saves masters, moments, the average where there is one, and state; not what is mapped. Where
  /// ranks share the moments, the others [#send] theirs meanwhile.
  ///
  /// @throws DataException when it cannot be written; older checkpoints are untouched
  public static void save(
      Learner learner,
      Optimiser optimiser,
      Optional<WeightAverage> average,
      CheckpointStore store,
      CheckpointState state)
      throws DataException {
    var model = new SafetensorsWriter(Map.of());
    for (Parameter parameter : learner.parameters().saved()) {
      model.add(parameter.name(), parameter.master());
    }
    Map<String, FileContent> others = new HashMap<>();
    if (average.isPresent()) {
      others.put(AVERAGE, averages(average.get()));
    }
    if (!learner.kept().isEmpty()) {
      var kept = new SafetensorsWriter(Map.of());
      learner.kept().forEach(kept::add);
      others.put(KEPT, kept);
    }
    store.save(new CheckpointContent(state, model, moments(optimiser), others));
  }

  private static FileContent moments(Optimiser optimiser) {
    if (!optimiser.shards().isWhole()) {
      return new ShardedState(optimiser).received();
    }
    var moments = new SafetensorsWriter(Map.of());
    for (Parameter parameter : optimiser.parameters()) {
      optimiser.state(parameter).forEach(moments::add);
    }
    return moments;
  }

  /// What ranks but the first do while that one saves.
  static void send(Optimiser optimiser) {
    if (!optimiser.shards().isWhole()) {
      new ShardedState(optimiser).send();
    }
  }

  private static FileContent averages(WeightAverage average) {
    var file = new SafetensorsWriter(Map.of());
    for (int i = 0; i < average.parameters().size(); i++) {
      file.add(average.parameters().get(i).name(), average.averages().get(i));
    }
    return file;
  }

  /// Fills model, optimiser, average and what the learner keeps from a checkpoint, which must hold
  /// every parameter but mapped ones, and no other.
  ///
  /// @throws DataException when the checkpoint is of another model
  public static void restore(
      Learner learner, Optimiser optimiser, Optional<WeightAverage> average, Checkpoint checkpoint)
      throws DataException {
    ParameterSet parameters = learner.parameters();
    Engine engine = parameters.engine();
    try (SafetensorsFile model = checkpoint.model()) {
      StoredWeights.fill(parameters, Layout.own(names(parameters)), model, Set.of());
    }
    try (SafetensorsFile moments = checkpoint.optimizer()) {
      for (Parameter parameter : optimiser.owned()) {
        for (Map.Entry<String, Tensor> state : optimiser.state(parameter).entrySet()) {
          fill(engine, moments, state.getKey(), state.getValue());
        }
      }
    } catch (IllegalArgumentException e) {
      throw new DataException(
          "%s: is not the optimiser state of this model: %s"
              .formatted(checkpoint.folder(), e.getMessage()),
          e);
    }
    optimiser.restoreCount(LossScaling.updates(checkpoint.state()));
    if (average.isPresent()) {
      restore(engine, average.get(), checkpoint);
    }
    if (!learner.kept().isEmpty()) {
      restoreKept(engine, learner.kept(), checkpoint);
    }
  }

  private static List<String> names(ParameterSet parameters) {
    return parameters.saved().stream().map(Parameter::name).toList();
  }

  private static void restoreKept(Engine engine, Map<String, Tensor> kept, Checkpoint checkpoint)
      throws DataException {
    try (SafetensorsFile file = SafetensorsFile.open(checkpoint.file(KEPT))) {
      for (Map.Entry<String, Tensor> entry : kept.entrySet()) {
        fill(engine, file, entry.getKey(), entry.getValue());
      }
    } catch (IllegalArgumentException e) {
      throw new DataException(
          "%s: is not what this model keeps: %s".formatted(checkpoint.file(KEPT), e.getMessage()),
          e);
    }
  }

  private static void restore(Engine engine, WeightAverage average, Checkpoint checkpoint)
      throws DataException {
    try (SafetensorsFile file = SafetensorsFile.open(checkpoint.file(AVERAGE))) {
      for (int i = 0; i < average.parameters().size(); i++) {
        fill(engine, file, average.parameters().get(i).name(), average.averages().get(i));
      }
    } catch (IllegalArgumentException e) {
      throw new DataException(
          "%s: is not the average of this model: %s"
              .formatted(checkpoint.file(AVERAGE), e.getMessage()),
          e);
    }
  }

  private static void fill(Engine engine, StoredTensors file, String name, Tensor into)
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
    try (Tensor values = StoredWeights.mapped(engine, data)) {
      engine.kernels().run("assign", into, values);
    }
    data.unload();
  }
}
