package dev.eosin.export;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import dev.eosin.language.graphs.GraphAnswers;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSessions;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A model that answers, as its family makes graphs of it: which there are, what lies beside them,
/// and how both are asked the same.
public sealed interface ExportedFamily
    permits ExportedLanguage, ExportedVisionLanguage, ExportedReader {
  /// The model; the caller's.
  StoredAnswerer model();

  /// What it is, for people: `Language model`.
  String title();

  /// How hubs call what it does: `text-generation`.
  String task();

  /// Weights under Eosin's names, adapters merged; the caller closes them.
  ///
  /// @throws DataException when files cannot be read
  StoredTensors weights() throws IOException;

  /// Graphs by name.
  ///
  /// @param weights open until the graphs are written
  /// @throws DataException when a weight is missing
  Map<String, OnnxModel> graphs(StoredTensors weights, Opset opset, GraphPrecision precision)
      throws DataException;

  /// What lies beside the graphs: configuration, tokenizer, how images are prepared.
  ///
  /// @throws IOException when a file cannot be read
  Map<String, FileContent> companions() throws IOException;

  /// The model with its weights, in fp32, beside its graphs; the caller closes it.
  ///
  /// @param sessions by name; whoever opened them closes them
  GraphAnswers opened(Engine engine, GraphSessions sessions) throws IOException;

  /// Files of a folder, as far as they are there.
  static Map<String, FileContent> copies(Path folder, List<String> names) {
    Map<String, FileContent> files = new LinkedHashMap<>();
    for (String name : names) {
      if (Files.isRegularFile(folder.resolve(name))) {
        files.put(name, FileContent.copyOf(folder.resolve(name)));
      }
    }
    return files;
  }
}
