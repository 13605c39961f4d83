package dev.eosin.tensor;

import java.util.List;

/// Applies kernels to values: recording for backward ([Tape]) or forward only ([Forward]). Models
/// are written against this.
public sealed interface Graph extends AutoCloseable permits Tape, Forward {
  /// A tensor from outside (pixels, token ids): not closed by the graph, not differentiated.
  default Value constant(Tensor data) {
    return new Value(data, false, false);
  }

  /// As [#constant], and the graph closes the tensor when it is done with it.
  Value adopt(Tensor data);

  /// Runs `kernel(inputs, parameters, constants...)`.
  List<Value> apply(
      Kernel kernel, List<Value> inputs, List<Parameter> parameters, Object... constants);

  /// Whether a backward may go through a kernel with these inputs and parameters; where none does,
  /// a kernel that knows no gradient will do.
  boolean differentiates(List<Value> inputs, List<Parameter> parameters);

  /// As [#apply] for a kernel of one output.
  default Value one(
      Kernel kernel, List<Value> inputs, List<Parameter> parameters, Object... constants) {
    return apply(kernel, inputs, parameters, constants).getFirst();
  }

  /// Says that no further node reads `value`: a forward-only graph frees it at once.
  void release(Value value);

  @Override
  void close();
}
