package dev.eosin.vllm;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.FileContent;
import dev.eosin.language.spec.ConfigFields;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a training changed of a model of images and text, as xtuner and PA-LLaVA lay it out:
/// `projector/` and, where there are adapters, peft's `llm_adapter/`; with a file that says beside
/// what they work.
public final class ProjectorFolder {
  static final String PROJECTOR = "projector";

  /// The folder of adapters in it.
  public static final String ADAPTERS = "llm_adapter";

  private static final String WEIGHTS = PROJECTOR + "/model.safetensors";
  private static final String CONFIG = PROJECTOR + "/config.json";
  private static final String MANIFEST = "eosin.json";
  private static final int VERSION = 1;

  private ProjectorFolder() {}

  private static Layout layout(Projector projector) {
    return switch (projector) {
      case LinearProjector linear -> VisionLanguageNames.xtuner(linear);
      case TileConnector connector -> VisionLanguageNames.paLlava(connector);
    };
  }

  /// Writes the folder, whole or not at all.
  ///
  /// @param adapters files of peft's folder, by name; empty where there are none
  /// @param beside what the projector works with, by name: tower, language model, template
  /// @throws DataException when it cannot be written; an existing one is then untouched
  public static void write(
      Path folder,
      Projector projector,
      ParameterSet parameters,
      Map<String, FileContent> adapters,
      Map<String, String> beside)
      throws DataException {
    Map<String, PendingTensor> tensors = new LinkedHashMap<>();
    for (Weight weight : projector.weights()) {
      tensors.put(weight.name(), pending(parameters.get(weight.name())));
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("format", "eosin-projector").put("version", VERSION);
    ObjectNode needs = json.putObject("needs");
    beside.forEach(needs::put);
    try (AtomicFolder out = AtomicFolder.begin(folder)) {
      out.writeWithin(WEIGHTS, layout(projector).writePending(tensors, Map.of("format", "pt")));
      out.writeWithin(CONFIG, FileContent.text(config(projector).toPrettyString() + "\n"));
      for (Map.Entry<String, FileContent> file : adapters.entrySet()) {
        out.writeWithin(ADAPTERS + "/" + file.getKey(), file.getValue());
      }
      out.write(MANIFEST, FileContent.text(json.toPrettyString() + "\n"));
      out.commit();
    }
  }

  /// Of xtuner's `ProjectorModel`; a connector, of which PA-LLaVA states none, in Eosin's words.
  private static ObjectNode config(Projector projector) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    switch (projector) {
      case LinearProjector linear -> {
        json.putArray("architectures").add("ProjectorModel");
        json.put("model_type", "projector").put("visual_hidden_size", linear.from());
        json.put("llm_hidden_size", linear.width()).put("depth", linear.depth());
        json.put("hidden_act", "gelu").put("bias", true).put("torch_dtype", "float32");
      }
      case TileConnector connector -> {
        json.put("model_type", "pa-llava-connector").put("visual_hidden_size", connector.hidden());
        json.put("llm_hidden_size", connector.width()).put("layers", connector.layers());
        json.put("heads", connector.heads()).put("mlp_width", connector.mlpWidth());
      }
    }
    return json;
  }

  /// Whether a path is such a folder, whoever wrote it.
  public static boolean is(Path path) {
    return Files.isDirectory(path.resolve(PROJECTOR));
  }

  /// Beside what the projector works, by name; empty where another program wrote the folder.
  ///
  /// @throws DataException when the file that says it cannot be read
  public static Map<String, String> needs(Path folder) throws DataException {
    Map<String, String> needs = new LinkedHashMap<>();
    if (Files.isRegularFile(folder.resolve(MANIFEST))) {
      Optional<ConfigFields> said = ConfigFields.open(folder.resolve(MANIFEST)).object("needs");
      if (said.isPresent()) {
        for (String name : said.get().names()) {
          needs.put(name, said.get().text(name));
        }
      }
    }
    return needs;
  }

  /// The projector that a folder describes.
  ///
  /// @param folder that holds `projector/`
  /// @param prefix of its weights' names
  /// @throws DataException naming the file and what is missing or not computed here
  public static Projector described(Path folder, String prefix) throws DataException {
    ConfigFields fields = ConfigFields.open(folder.resolve(CONFIG));
    int from = fields.size("visual_hidden_size");
    int width = fields.size("llm_hidden_size");
    return switch (fields.text("model_type")) {
      case "projector" -> {
        fields.requireOnly("hidden_act", "gelu");
        fields.requireOnly("bias", "true");
        yield new LinearProjector(prefix, from, width, fields.size("depth"));
      }
      case "pa-llava-connector" ->
          new TileConnector(
              prefix,
              from,
              fields.size("layers"),
              fields.size("heads"),
              fields.size("mlp_width"),
              width);
      default -> throw fields.wrong("model_type", "projector or pa-llava-connector");
    };
  }

  private static PendingTensor pending(Parameter parameter) {
    List<Long> shape = Arrays.stream(parameter.master().shape()).boxed().toList();
    return new PendingTensor(StoredType.F32, shape, () -> TensorData.of(parameter.master()));
  }

  /// The projector under Eosin's names.
  ///
  /// @throws DataException when the folder does not hold it
  public static StoredTensors open(Path folder, Projector projector) throws DataException {
    StoredTensors file = StoredTensors.open(folder.resolve(WEIGHTS));
    try {
      return layout(projector).read(file, LanguageFolder.shapes(projector.weights()));
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }
}
