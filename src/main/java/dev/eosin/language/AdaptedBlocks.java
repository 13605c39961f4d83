package dev.eosin.language;

import dev.eosin.checkpoint.MappedWeights;
import dev.eosin.nn.AdapterDropout;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// What a decoder's blocks call their weights, and the adapters beside them, as the block kernels
/// take both.
///
/// @param prefix of the model's weights
/// @param parts of a block, in the order in which the kernels take them
/// @param linears places among the parts, in the order in which the kernels number adapters
/// @param layers number of blocks
/// @param adapters beside the linears
record AdaptedBlocks(
    String prefix, List<String> parts, List<Integer> linears, int layers, Adapters adapters) {
  /// What the kernels' number of an adapter grows by where scales of int8 stand before it.
  private static final int SCALED = 3;

  /// The names of a block's own weights.
  List<String> names(int layer) {
    return parts.stream().map(name -> "%s.blocks.%d.%s".formatted(prefix, layer, name)).toList();
  }

  List<String> linears(int layer) {
    List<String> names = names(layer);
    return linears.stream().map(names::get).toList();
  }

  /// The names of every linear's weight, in the order of the forward pass.
  List<String> everyLinear() {
    return IntStream.range(0, layers).boxed().flatMap(l -> linears(l).stream()).toList();
  }

  /// Adapters' own weights, in the order of the forward pass.
  ///
  /// @param blockWeights a block's own, as `parts` names them
  List<Weight> adapterWeights(IntFunction<List<Weight>> blockWeights) {
    List<Weight> weights = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      List<Weight> block = blockWeights.apply(layer);
      linears.forEach(place -> weights.addAll(adapters.weights(block.get(place))));
    }
    return weights;
  }

  /// A block's own weights.
  List<Parameter> own(Pass pass, int layer) {
    return pass.named(names(layer).toArray(String[]::new));
  }

  /// A block's own weights, then what stands beside its linears: scales of int8, adapters.
  List<Parameter> parameters(Pass pass, int layer) {
    List<Parameter> all = new ArrayList<>(own(pass, layer));
    for (String linear : linears(layer)) {
      if (isInt8(pass, linear)) {
        all.addAll(pass.named(MappedWeights.scales(linear)));
      }
      all.addAll(pass.named(adapters.names(linear).toArray(String[]::new)));
    }
    return all;
  }

  /// What stands beside a block's linears, as the kernels are told.
  long[] kinds(Pass pass, int layer) {
    return linears(layer).stream()
        .mapToLong(linear -> adapters.kind(linear) + (isInt8(pass, linear) ? SCALED : 0))
        .toArray();
  }

  private static boolean isInt8(Pass pass, String linear) {
    return pass.parameters().get(linear).data().dtype() == DType.INT8;
  }

  /// Whether a block that autograd differentiates is computed again in its backward because
  /// libtorch would keep every int8 weight of it in the width of its input until then.
  boolean recomputesForInt8(Pass pass, int layer) {
    return linears(layer).stream().anyMatch(linear -> isInt8(pass, linear));
  }

  double[] scales(int layer, boolean dropping) {
    return linears(layer).stream().mapToDouble(l -> adapters.scale(l, dropping)).toArray();
  }

  /// Whether what enters adapters is dropped out in this pass.
  boolean dropping(Pass pass) {
    return adapters.dropout() > 0 && pass.execution().dropout().isPresent();
  }

  /// The packed bits of what a block's adapters leave out of its tokens; nothing where there is no
  /// dropout or no adapter.
  Optional<Value> dropped(Pass pass, Columns columns, int layer) {
    if (!dropping(pass)) {
      return Optional.empty();
    }
    int inputs = 0;
    for (Parameter parameter : parameters(pass, layer)) {
      if (parameter.name().endsWith(".lora-a")) {
        inputs += Math.toIntExact(parameter.data().size(1));
      }
    }
    if (inputs == 0) {
      return Optional.empty();
    }
    AdapterDropout dropout = pass.execution().dropout().orElseThrow();
    double share = adapters.dropout();
    Tensor bits =
        columns.segments().length > 0
            ? dropout.packed(pass.engine(), prefix, layer, inputs, share, columns.segments())
            : dropout.bits(pass.engine(), prefix, layer, columns.width(), inputs, share);
    return Optional.of(pass.graph().adopt(bits));
  }
}
