package dev.eosin.language;

import dev.eosin.nn.Pass;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Every block's weights one after the other, as the kernels take them that continue rows.
///
/// @param tensors the blocks' own and their adapters'
/// @param counts how many of them belong to each block
/// @param kinds of adapters, of all blocks' linears
/// @param scales of adapters, likewise
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record StepWeights(List<Tensor> tensors, long[] counts, long[] kinds, double[] scales) {
  static StepWeights of(AdaptedBlocks stack, Pass pass) {
    List<Tensor> tensors = new ArrayList<>();
    int linears = stack.linears().size();
    long[] counts = new long[stack.layers()];
    long[] kinds = new long[stack.layers() * linears];
    double[] scales = new double[kinds.length];
    for (int layer = 0; layer < counts.length; layer++) {
      List<Parameter> p = stack.parameters(pass, layer);
      p.forEach(parameter -> tensors.add(parameter.data()));
      counts[layer] = p.size();
      System.arraycopy(stack.kinds(pass, layer), 0, kinds, layer * linears, linears);
      System.arraycopy(stack.scales(layer, false), 0, scales, layer * linears, linears);
    }
    return new StepWeights(tensors, counts, kinds, scales);
  }

  @Override
  public String toString() {
    return "%d weights of %d blocks".formatted(tensors.size(), counts.length);
  }
}
