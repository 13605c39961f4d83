package dev.eosin.export;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import dev.eosin.language.DialogueFile;
import dev.eosin.language.GraphAnswers;
import dev.eosin.language.LanguageFolder;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSessions;
import dev.eosin.tensor.Engine;
import dev.eosin.vllm.StoredVisionLanguage;
import dev.eosin.vllm.VisionLanguageGraphs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A model in LLaVA's manner.
public record ExportedVisionLanguage(StoredVisionLanguage model) implements ExportedFamily {
  @Override
  public String title() {
    return "Model of images and text";
  }

  @Override
  public String task() {
    return "image-text-to-text";
  }

  @Override
  public StoredTensors weights() throws DataException {
    return model.tensors();
  }

  @Override
  public Map<String, OnnxModel> graphs(StoredTensors weights, Opset opset, GraphPrecision precision)
      throws DataException {
    return VisionLanguageGraphs.of(model.model(), weights, opset, precision);
  }

  /// How images are prepared is said even where the folder leaves it to habit.
  @Override
  public Map<String, FileContent> companions() throws DataException {
    List<String> names = new ArrayList<>(LanguageFolder.TEXT_FILES);
    names.add(LanguageFolder.CONFIG);
    names.add(DialogueFile.NAME);
    names.add("processor_config.json");
    Map<String, FileContent> files = new LinkedHashMap<>(model.folder().preparation());
    files.putAll(ExportedFamily.copies(model.path(), names));
    return files;
  }

  @Override
  public GraphAnswers opened(Engine engine, GraphSessions sessions) throws IOException {
    return new VisionLanguageGraphs(model.wide(engine, GenerationSettings.greedy(1)), sessions);
  }
}
