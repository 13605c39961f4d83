package dev.eosin.export;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.file.FileContent;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.tensor.Engine;
import dev.eosin.text.CaptionEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A model that draws images and texts together and also judges pairs of them, as its family makes
/// graphs of it. b images, t texts, q vectors of each image, d embedding size.
public interface ExportedPairs {
  /// Names of the graphs.
  String WHOLE = "model";

  String IMAGE = "vision_model";
  String TEXT = "text_model";
  String MATCH = "match_model";

  /// As it was named.
  Path path();

  /// What it is, for people.
  String title();

  /// What a user should know, one line each.
  List<String> notes();

  /// Makes ids of texts, as the model was trained.
  CaptionEncoder captions();

  /// Of the graphs' pixels.
  Normalisation normalisation();

  /// Weights under Eosin's names; the caller closes them.
  ///
  /// @throws IOException when files cannot be read
  StoredTensors weights() throws IOException;

  /// The four graphs by name.
  ///
  /// @param weights open until the graphs are written
  /// @throws DataException when a weight is missing
  Map<String, OnnxModel> graphs(StoredTensors weights, Opset opset, GraphPrecision precision)
      throws DataException;

  /// What lies beside the graphs: configuration, tokenizer, how images are prepared.
  ///
  /// @throws IOException when a file cannot be read
  Map<String, FileContent> companions() throws IOException;

  /// The model with its weights in fp32; the caller closes it.
  ///
  /// @throws IOException when files cannot be read
  Opened opened(Engine engine) throws IOException;

  /// The model, to be compared with its graphs.
  interface Opened extends AutoCloseable {
    /// Unit vectors [b,d] or [b,q,d].
    TensorData images(BatchImages images);

    /// Unit vectors [t,d].
    TensorData texts(CaptionRows texts);

    /// Logits of no and yes [b,2].
    ///
    /// @param texts one for each image
    TensorData judged(BatchImages images, CaptionRows texts);

    @Override
    void close();
  }
}
