package dev.eosin.export;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Value;
import dev.eosin.tensor.WeightListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What each block of a model gives, as its engine tells, beside what its graphs give behind the
/// mark of that block: a block's output is what the last kernel made that took weights of that
/// block alone.
final class ModelStates implements WeightListener {
  /// @param weights names
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Made(List<String> weights, float[] values) {}

  private final Map<String, OnnxModel> graphs;
  private final boolean chained;
  private final List<Made> made = new ArrayList<>();
  private final Map<String, Map<String, TensorData>> found = new HashMap<>();
  private final Map<String, BlockSums> sums = new LinkedHashMap<>();

  /// @param graphs with their marks, in the order in which they are computed
  /// @param chained whether a graph goes on with what those before it gave
  ModelStates(Map<String, OnnxModel> graphs, boolean chained) {
    this.graphs = new LinkedHashMap<>(graphs);
    this.chained = chained;
  }

  Map<String, OnnxModel> graphs() {
    return graphs;
  }

  @Override
  public void made(List<Parameter> weights, List<Value> outputs) {
    made.add(
        new Made(
            weights.stream().map(Parameter::name).toList(), outputs.getFirst().data().toFloats()));
  }

  /// A graph has been run on what the model was given.
  void ran(String graph, Map<String, TensorData> inputs, Map<String, TensorData> outputs) {
    found.put(graph, outputs);
  }

  /// Adds what was told of one input, and forgets it.
  void compare() {
    for (Map.Entry<String, OnnxModel> graph : graphs.entrySet()) {
      Map<String, TensorData> outputs = found.getOrDefault(graph.getKey(), Map.of());
      BlockSums own = sums.computeIfAbsent(chained ? "" : graph.getKey(), _ -> new BlockSums());
      for (Map.Entry<String, String> mark : graph.getValue().marks().entrySet()) {
        TensorData given = outputs.get(mark.getValue());
        if (given != null) {
          wanted(mark.getKey(), given)
              .ifPresent(
                  wanted -> own.add(mark.getKey(), given, wanted, (row, token, tokens) -> true));
        }
      }
    }
    made.clear();
    found.clear();
  }

  /// What the model has in a mark's place. A graph that goes through the same blocks for images and
  /// for texts has a word before their names.
  private Optional<TensorData> wanted(String mark, TensorData given) {
    return last(mark, given).or(() -> last(mark.substring(mark.indexOf('.') + 1), given));
  }

  private Optional<TensorData> last(String block, TensorData given) {
    for (Made each : made.reversed()) {
      if (each.values.length == given.elements()
          && each.weights.stream().allMatch(weight -> weight.startsWith(block + "."))) {
        return Optional.of(TensorData.of(each.values, given.dimensions()));
      }
    }
    return Optional.empty();
  }

  /// In the order in which they are computed, each graph's own where they are not chained.
  List<BlockDrift.Block> blocks() {
    List<BlockDrift.Block> blocks = new ArrayList<>();
    sums.values().forEach(each -> blocks.addAll(each.drift().blocks()));
    return blocks;
  }
}
