package dev.eosin.export;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import dev.eosin.language.T5Decoder;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.graphs.GraphAnswers;
import dev.eosin.language.graphs.LanguageGraphs;
import dev.eosin.language.stored.DialogueFile;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSessions;
import dev.eosin.tensor.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A language model alone: a decoder, or T5.
public record ExportedLanguage(StoredLanguage model) implements ExportedFamily {
  @Override
  public String title() {
    return "Language model";
  }

  @Override
  public String task() {
    return model.part() instanceof T5Decoder ? "text2text-generation" : "text-generation";
  }

  @Override
  public StoredTensors weights() throws DataException {
    return model.tensors();
  }

  @Override
  public Map<String, OnnxModel> graphs(StoredTensors weights, Opset opset, GraphPrecision precision)
      throws DataException {
    return LanguageGraphs.of(model.part(), weights, opset, precision);
  }

  @Override
  public Map<String, FileContent> companions() {
    List<String> names = new ArrayList<>(LanguageFolder.TEXT_FILES);
    names.add(LanguageFolder.CONFIG);
    names.add(DialogueFile.NAME);
    return ExportedFamily.copies(model.path(), names);
  }

  @Override
  public GraphAnswers opened(Engine engine, GraphSessions sessions) throws DataException {
    return new LanguageGraphs(model.wide(engine, GenerationSettings.greedy(1)), sessions);
  }
}
