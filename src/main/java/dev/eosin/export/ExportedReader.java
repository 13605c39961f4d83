package dev.eosin.export;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.features.ImageFeatures;
import dev.eosin.file.FileContent;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.language.TokenPart;
import dev.eosin.language.graphs.GraphAnswers;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSessions;
import dev.eosin.qformer.Answers;
import dev.eosin.qformer.DecoderAnswers;
import dev.eosin.qformer.ImageReader;
import dev.eosin.qformer.InstructText;
import dev.eosin.qformer.ReaderGraphs;
import dev.eosin.qformer.T5Answers;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.util.Map;

/// A second stage of a Q-Former with its tower and its language model.
///
/// @param tower whose tokens are read
/// @param stored its weights and the model with them, wherever they lie
public record ExportedReader(
    StoredAnswerer model, ImageFeatures tower, ImageReader reader, Answers answers, Stored stored)
    implements ExportedFamily {
  /// What a run or folder has.
  public interface Stored {
    /// All weights under Eosin's names; the caller closes them.
    ///
    /// @throws IOException when files cannot be read
    StoredTensors weights() throws IOException;

    /// What lies beside the graphs.
    Map<String, FileContent> companions() throws IOException;

    /// The model with its weights in fp32; the caller closes it.
    ///
    /// @param sessions whoever opened them closes them
    ReaderGraphs opened(Engine engine, GraphSessions sessions) throws IOException;

    /// How questions become words and ids.
    InstructText text();

    /// What an image becomes.
    ///
    /// @throws DataException when a reference that its recipe names cannot be read
    TileTransform transform() throws DataException;

    /// Of pixels.
    Normalisation normalisation();
  }

  /// The language model.
  TokenPart language() {
    return switch (answers) {
      case DecoderAnswers behind -> behind.decoder();
      case T5Answers behind -> behind.model().decoder();
    };
  }

  @Override
  public String title() {
    return "Language model that sees by a Q-Former";
  }

  @Override
  public String task() {
    return "image-text-to-text";
  }

  @Override
  public StoredTensors weights() throws IOException {
    return stored.weights();
  }

  @Override
  public Map<String, OnnxModel> graphs(StoredTensors weights, Opset opset, GraphPrecision precision)
      throws DataException {
    return ReaderGraphs.of(tower, reader, answers, weights, opset, precision);
  }

  @Override
  public Map<String, FileContent> companions() throws IOException {
    return stored.companions();
  }

  @Override
  public GraphAnswers opened(Engine engine, GraphSessions sessions) throws IOException {
    return stored.opened(engine, sessions);
  }
}
