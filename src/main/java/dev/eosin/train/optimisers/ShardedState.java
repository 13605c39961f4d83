package dev.eosin.train.optimisers;

import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.file.FileContent;
import dev.eosin.group.Group;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// The state of an optimiser whose ranks share it, on its way into the first rank's file: tensor by
/// tensor, in the order in which a file has them, so that no rank ever holds all of it. The file is
/// the one that a single process would write.
public final class ShardedState {
  private final Optimiser optimiser;
  private final Engine engine;
  private final Group group;

  /// Owners of the tensors, in the order of a file: all are fp32.
  private final Map<String, Parameter> tensors = new TreeMap<>();

  public ShardedState(Optimiser optimiser) {
    this.optimiser = optimiser;
    this.engine = optimiser.engine();
    this.group = optimiser.shards().group();
    for (Parameter parameter : optimiser.parameters()) {
      optimiser.stateNames(parameter).forEach(name -> tensors.put(name, parameter));
    }
  }

  /// What the first rank writes, while the others [#send].
  public FileContent received() {
    return out -> {
      group.meet(Group.Work.CHECKPOINT);
      try (Scope scope = new Scope()) {
        var file = new SafetensorsWriter(Map.of());
        tensors.forEach(
            (name, parameter) ->
                file.add(
                    name,
                    StoredType.F32,
                    Arrays.stream(parameter.data().shape()).boxed().toList(),
                    () -> {
                      scope.close();
                      try (Tensor tensor = exchanged(name, parameter)) {
                        return scope.own(tensor.hostCopy()).segment();
                      }
                    }));
        file.writeTo(out);
      }
    };
  }

  /// What the other ranks do meanwhile.
  public void send() {
    group.meet(Group.Work.CHECKPOINT);
    tensors.forEach((name, parameter) -> exchanged(name, parameter).close());
  }

  /// The owner's, on every rank; a copy.
  private Tensor exchanged(String name, Parameter parameter) {
    Tensor tensor = engine.zeros(DType.FLOAT32, parameter.data().shape());
    if (optimiser.shards().owns(parameter)) {
      Tensor own = Objects.requireNonNull(optimiser.state(parameter).get(name), name);
      engine.kernels().run("assign", tensor, own);
    }
    group.broadcast(List.of(tensor), optimiser.shards().owner(parameter));
    return tensor;
  }
}
