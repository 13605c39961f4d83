package dev.eosin.export;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipGraph;
import dev.eosin.clip.ClipStates;
import dev.eosin.config.DataException;
import dev.eosin.image.RgbImage;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.runtime.GraphSession;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// Says which block makes the graphs of a CLIP model differ from it.
///
/// @param folder in which graphs with their marks are written, and which is not kept
/// @param clip whose weights the graphs have
/// @param verification that failed
/// @param threads of onnxruntime
record ClipDrift(
    BundleFolder folder, ClipGraph graphs, Clip clip, ClipVerification verification, int threads) {
  private static final int ROWS = 8;

  /// The block of either tower that adds most of the error.
  ///
  /// @throws IOException when a graph cannot be written or run
  String text() throws IOException {
    return new BlockDrift(blocks())
        .worst()
        .map(BlockDrift::text)
        .orElse("no block could be compared");
  }

  /// The largest error of any block.
  ///
  /// @throws IOException when a graph cannot be written or run
  double largest() throws IOException {
    return blocks().stream().mapToDouble(BlockDrift.Block::error).max().orElse(0);
  }

  private List<BlockDrift.Block> blocks() throws IOException {
    List<BlockDrift.Block> blocks = new ArrayList<>();
    blocks.addAll(image(graphs.image()).blocks());
    blocks.addAll(text(graphs.text()).blocks());
    return blocks;
  }

  private BlockDrift image(OnnxModel graph) throws IOException {
    List<RgbImage> images = verification.heldOut().first(ROWS);
    TensorData pixels = verification.pixels(images);
    try (Tensor tensor = clip.engine().of(pixels.floats(), pixels.dimensions())) {
      ClipStates states = ClipStates.image(clip, tensor);
      int tokens = clip.spec().image().tokens();
      return BlockDrift.of(
          graph,
          marked("blocks/vision.onnx", graph, Map.of(ClipGraph.PIXELS, pixels)),
          states,
          Collections.nCopies(images.size(), tokens));
    }
  }

  private BlockDrift text(OnnxModel graph) throws IOException {
    TextRows all = verification.texts();
    TextRows rows = all.only(0, Math.min(ROWS, all.size()));
    TensorData ids = rows.ids();
    try (Tensor tensor = clip.engine().of(ids.longs(), ids.dimensions())) {
      ClipStates states = ClipStates.text(clip, tensor);
      return BlockDrift.of(
          graph,
          marked(
              "blocks/text.onnx", graph, Map.of(ClipGraph.IDS, ids, ClipGraph.MASK, rows.counts())),
          states,
          rows.rows().stream().map(row -> row.length).toList());
    }
  }

  private Map<String, TensorData> marked(
      String file, OnnxModel graph, Map<String, TensorData> inputs) throws DataException {
    folder.graph(file, graph.withMarks());
    try (GraphSession session = GraphSession.inPlace(folder.place(file), threads)) {
      return session.run(inputs);
    }
  }
}
