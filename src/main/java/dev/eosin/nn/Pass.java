package dev.eosin.nn;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Value;
import java.util.List;

/// One pass through a model: where values are recorded, which weights are used, how blocks are
/// computed.
public record Pass(Graph graph, ParameterSet parameters, BlockExecution execution) {
  /// A value that no further node of this pass reads.
  public void release(Value value) {
    graph.release(value);
  }

  /// A kernel of one output.
  public Value one(
      Kernel kernel, List<Value> inputs, List<Parameter> weights, Object... constants) {
    return graph.one(kernel, inputs, weights, constants);
  }

  /// Several weights, in the order of their names.
  ///
  /// @throws IllegalArgumentException when there is no such weight
  public List<Parameter> named(String... names) {
    return parameters.named(names);
  }

  /// Whether kernels with a backward of their own compute a node, in the library's products that
  /// the engine was started with: on a CPU, in fp32, where all of its weights are trained or
  /// nothing is differentiated.
  public boolean ownsBackward(List<Value> inputs, List<Parameter> weights) {
    return execution.ownBackward()
        && engine().device() instanceof Device.Cpu
        && weights.getFirst().data().dtype() == DType.FLOAT32
        && (weights.stream().allMatch(Parameter::trainable)
            || !graph.differentiates(inputs, weights));
  }

  public Engine engine() {
    return parameters.engine();
  }
}
