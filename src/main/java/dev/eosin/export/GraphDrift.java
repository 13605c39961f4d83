package dev.eosin.export;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.language.graphs.GraphInputs;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.runtime.GraphSessions;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Compares graphs of a model block by block on the same inputs: narrow ones with those in fp32,
/// those in fp32 with the model.
///
/// @param folder in which graphs with their marks are written, and which is not kept
/// @param settings of the graphs
/// @param graphs that are made in any precision
record GraphDrift(BundleFolder folder, ClipBundle.Settings settings, Graphs graphs) {
  /// Makes the graphs of a model.
  @FunctionalInterface
  interface Graphs {
    /// @return by name
    /// @throws DataException when a weight is missing
    Map<String, OnnxModel> of(GraphPrecision precision) throws DataException;
  }

  /// Runs graphs on some inputs.
  @FunctionalInterface
  interface Driver {
    /// @throws IOException when inputs cannot be read or a graph cannot be run
    void run(GraphSessions sessions) throws IOException;
  }

  /// Runs a model and its graphs on some inputs.
  @FunctionalInterface
  interface Samples {
    /// @param heard what the model computes with
    /// @param sessions what its graphs are asked by
    /// @param compared to be called when both have seen the same input, which is one row
    /// @throws IOException when inputs cannot be read or a graph cannot be run
    void each(Engine heard, GraphSessions sessions, Runnable compared) throws IOException;
  }

  /// The blocks of graphs in fp32, beside what the model's own give.
  ///
  /// @param chained whether a graph goes on with what those before it gave; its first block is then
  ///   not charged with their error
  /// @throws IOException when graphs cannot be written, opened or run
  List<BlockDrift.Block> ofModel(Engine engine, boolean chained, Samples samples)
      throws IOException {
    var states = new ModelStates(marked(GraphPrecision.FP32), chained);
    try (GraphSessions own = open("model", states.graphs())) {
      samples.each(engine.heard(states), own.observed(states::ran), states::compare);
    }
    return states.blocks();
  }

  /// Graphs that also give out what is marked.
  ///
  /// @throws DataException when a weight is missing
  Map<String, OnnxModel> marked(GraphPrecision precision) throws DataException {
    Map<String, OnnxModel> marked = new LinkedHashMap<>();
    graphs.of(precision).forEach((name, graph) -> marked.put(name, graph.withMarks()));
    return marked;
  }

  /// Writes graphs and opens them.
  ///
  /// @param kind tells their files from those of others
  /// @throws DataException when they cannot be written or opened
  GraphSessions open(String kind, Map<String, OnnxModel> marked) throws DataException {
    Map<String, Path> files = new LinkedHashMap<>();
    for (Map.Entry<String, OnnxModel> graph : marked.entrySet()) {
      String file = "blocks/%s_%s.onnx".formatted(graph.getKey(), kind);
      folder.graph(file, graph.getValue());
      files.put(graph.getKey(), folder.place(file));
    }
    return GraphSessions.open(files, settings.threads());
  }

  /// The blocks of all graphs, each graph's in the order in which they are computed.
  ///
  /// @param driver whose inputs both graphs are given
  /// @throws IOException when graphs cannot be written, opened or run
  List<BlockDrift.Block> blocks(Driver driver) throws IOException {
    Map<String, OnnxModel> narrow = marked(settings.precision());
    Map<String, OnnxModel> wide = marked(GraphPrecision.FP32);
    Map<String, BlockSums> sums = new LinkedHashMap<>();
    narrow.keySet().forEach(name -> sums.put(name, new BlockSums()));
    try (GraphSessions beside = open("wide", wide);
        GraphSessions own = open("narrow", narrow)) {
      driver.run(
          own.observed(
              (name, inputs, found) ->
                  add(
                      Objects.requireNonNull(sums.get(name)),
                      new Outputs(get(narrow, name).marks(), found),
                      new Outputs(get(wide, name).marks(), beside.get(name).run(inputs)),
                      counted(inputs))));
    }
    List<BlockDrift.Block> blocks = new ArrayList<>();
    sums.values().forEach(each -> blocks.addAll(each.drift().blocks()));
    return blocks;
  }

  private static OnnxModel get(Map<String, OnnxModel> graphs, String name) {
    return Objects.requireNonNull(graphs.get(name), name);
  }

  /// @param marks names of outputs by names of blocks
  private record Outputs(Map<String, String> marks, Map<String, TensorData> values) {
    TensorData of(String block) {
      return Objects.requireNonNull(values.get(Objects.requireNonNull(marks.get(block))));
    }
  }

  private static void add(
      BlockSums sums, Outputs found, Outputs wanted, BlockSums.Counted counted) {
    for (String block : found.marks.keySet()) {
      sums.add(block, found.of(block), wanted.of(block), counted);
    }
  }

  /// Padding may hold anything. The mask says it of the tokens before and of those that are read;
  /// states of something else than those tokens, such as of an image, count whole.
  private static BlockSums.Counted counted(Map<String, TensorData> inputs) {
    TensorData mask = inputs.get(GraphInputs.MASK);
    TensorData ids = inputs.get(GraphInputs.IDS);
    TensorData read = ids == null ? inputs.get(GraphInputs.EMBEDDINGS) : ids;
    if (mask == null || read == null) {
      return (row, token, tokens) -> true;
    }
    long[] counts = mask.longs();
    int width = mask.shape().get(1).intValue();
    int now = read.shape().get(1).intValue();
    int rows = mask.shape().getFirst().intValue();
    return (row, token, tokens) ->
        tokens != now || row >= rows || counts[row * width + width - now + token] != 0;
  }
}
