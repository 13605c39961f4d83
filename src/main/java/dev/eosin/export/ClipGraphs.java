package dev.eosin.export;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.clip.ClipGraph;
import dev.eosin.config.DataException;
import dev.eosin.onnx.runtime.GraphSession;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/// The graphs of a CLIP model, opened by onnxruntime. Close it.
record ClipGraphs(GraphSession whole, GraphSession image, GraphSession text)
    implements AutoCloseable {
  static ClipGraphs open(Path whole, Path image, Path text, int threads) throws DataException {
    GraphSession first = GraphSession.inPlace(whole, threads);
    try {
      GraphSession second = GraphSession.inPlace(image, threads);
      try {
        return new ClipGraphs(first, second, GraphSession.inPlace(text, threads));
      } catch (DataException | RuntimeException | Error e) {
        second.close();
        throw e;
      }
    } catch (DataException | RuntimeException | Error e) {
      first.close();
      throw e;
    }
  }

  /// Unit vectors [b,e].
  ///
  /// @param pixels [b,3,h,w]
  TensorData images(TensorData pixels) throws DataException {
    return only(image.run(Map.of(ClipGraph.PIXELS, pixels)), ClipGraph.IMAGE);
  }

  /// Unit vectors [t,e].
  TensorData texts(TextRows rows) throws DataException {
    return only(
        text.run(Map.of(ClipGraph.IDS, rows.ids(), ClipGraph.MASK, rows.counts())), ClipGraph.TEXT);
  }

  /// Everything that the whole gives.
  Map<String, TensorData> whole(TensorData pixels, TextRows rows) throws DataException {
    return whole.run(
        Map.of(ClipGraph.PIXELS, pixels, ClipGraph.IDS, rows.ids(), ClipGraph.MASK, rows.counts()));
  }

  static TensorData only(Map<String, TensorData> outputs, String name) {
    return Objects.requireNonNull(outputs.get(name), name);
  }

  @Override
  public void close() throws DataException {
    try (whole;
        image;
        text) {
      // All are closed, whatever one of them throws.
    }
  }
}
