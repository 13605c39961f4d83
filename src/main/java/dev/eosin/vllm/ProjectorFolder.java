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
import dev.eosin.language.LanguageFolder;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is left of a training whose model no other program can hold as one: the projector in a file
/// of its own, as xtuner and PA-LLaVA name it, and a file that says beside what it works.
public final class ProjectorFolder {
  private static final String WEIGHTS = "projector.safetensors";
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
  /// @param beside what the projector works with, by name: tower, language model, template
  /// @throws DataException when it cannot be written; an existing one is then untouched
  public static void write(
      Path folder, Projector projector, ParameterSet parameters, Map<String, String> beside)
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
      out.write(WEIGHTS, layout(projector).writePending(tensors, Map.of("format", "pt")));
      out.write(MANIFEST, FileContent.text(json.toPrettyString() + "\n"));
      out.commit();
    }
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
