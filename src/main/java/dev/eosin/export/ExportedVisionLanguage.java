package dev.eosin.export;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.graphs.GraphAnswers;
import dev.eosin.language.stored.DialogueFile;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSessions;
import dev.eosin.tensor.Engine;
import dev.eosin.vllm.ConversationRows;
import dev.eosin.vllm.StoredVisionLanguage;
import dev.eosin.vllm.VisionLanguage;
import dev.eosin.vllm.VisionLanguageGraphs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A model in LLaVA's manner, of a folder or of a run.
///
/// @param parts the model; its adapters are merged in the graphs
/// @param stored its weights and the model with them, wherever they lie
public record ExportedVisionLanguage(StoredAnswerer model, VisionLanguage parts, Stored stored)
    implements ExportedFamily {
  /// What a run or folder has.
  public interface Stored {
    /// All weights under Eosin's names, adapters merged; the caller closes them.
    ///
    /// @throws IOException when files cannot be read
    StoredTensors weights() throws IOException;

    /// What lies beside the graphs.
    ///
    /// @throws IOException when a file cannot be read
    Map<String, FileContent> companions() throws IOException;

    /// The model with every weight in fp32, adapters beside them; the caller closes it.
    ///
    /// @throws IOException when files cannot be read
    StoredVisionLanguage.Loaded wide(Engine engine) throws IOException;

    /// How questions become ids and images pixels.
    ConversationRows rows();

    /// Of pixels.
    ///
    /// @throws DataException when how images are prepared cannot be read
    Normalisation normalisation() throws DataException;

    /// Ids that end an answer.
    List<Integer> ends();
  }

  /// Of a folder.
  public static ExportedVisionLanguage of(StoredVisionLanguage model) {
    return new ExportedVisionLanguage(model, model.model(), new Folder(model));
  }

  private record Folder(StoredVisionLanguage model) implements Stored {
    @Override
    public StoredTensors weights() throws DataException {
      return model.tensors();
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
    public StoredVisionLanguage.Loaded wide(Engine engine) throws IOException {
      return model.wide(engine, GenerationSettings.greedy(1));
    }

    @Override
    public ConversationRows rows() {
      return model.rows();
    }

    @Override
    public Normalisation normalisation() throws DataException {
      return model.folder().processing().normalisation();
    }

    @Override
    public List<Integer> ends() {
      return model.ends();
    }
  }

  @Override
  public String title() {
    return "Model of images and text";
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
    return VisionLanguageGraphs.of(parts, weights, opset, precision);
  }

  @Override
  public Map<String, FileContent> companions() throws IOException {
    return stored.companions();
  }

  @Override
  public GraphAnswers opened(Engine engine, GraphSessions sessions) throws IOException {
    return new VisionLanguageGraphs(stored.wide(engine), sessions);
  }
}
