package dev.eosin.clip.stored;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.AdapterPair;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.clip.Clip;
import dev.eosin.clip.spec.HuggingFaceConfig;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.FileContent;
import dev.eosin.nn.LowRank;
import dev.eosin.tensor.Parameter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Writes the low-rank adapters of a model alone, as peft reads them beside transformers'
/// `CLIPModel` of the weights that the run began with. The logit scale, which is trained too, has
/// no place among them; it is in the file's metadata.
///
/// Source: `tuners/lora/config.py` and `utils/save_and_load.py` of peft 0.21.0.
public final class AdapterExport {
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final String CONFIG = "adapter_config.json";

  private AdapterExport() {}

  /// @return why there is no such folder, where there can be none
  /// @throws DataException when the folder cannot be written; an existing one is then untouched
  /// @throws IllegalArgumentException for a model without adapters
  public static Optional<String> write(Path folder, Clip clip) throws DataException {
    Optional<String> refusal = HuggingFaceConfig.refusal(clip.spec());
    if (refusal.isPresent()) {
      return refusal;
    }
    List<AdapterPair> pairs =
        clip.adaptedWeights().stream()
            .map(name -> new AdapterPair(name, LowRank.down(name), LowRank.up(name)))
            .toList();
    Layout model = ClipWeights.huggingFace(clip.spec());
    String config = config(clip.lowRank(), model.adaptedModules(pairs)).toPrettyString();
    float logitScale = clip.parameters().get(Clip.LOGIT_SCALE).master().toFloat();
    Map<String, String> metadata =
        Map.of("format", "pt", Clip.LOGIT_SCALE, Float.toString(logitScale));
    try (AtomicFolder out = AtomicFolder.begin(folder)) {
      out.write(WEIGHTS, model.adapters(pairs).writePending(tensors(clip, pairs), metadata));
      out.write(CONFIG, FileContent.text(config + "\n"));
      out.commit();
    }
    return Optional.empty();
  }

  private static Map<String, PendingTensor> tensors(Clip clip, List<AdapterPair> pairs) {
    Map<String, PendingTensor> tensors = new LinkedHashMap<>();
    pairs.stream()
        .flatMap(pair -> Stream.of(pair.down(), pair.up()))
        .map(clip.parameters()::get)
        .forEach(adapter -> tensors.put(adapter.name(), pending(adapter)));
    return tensors;
  }

  private static PendingTensor pending(Parameter adapter) {
    List<Long> shape = Arrays.stream(adapter.master().shape()).boxed().toList();
    return new PendingTensor(StoredType.F32, shape, () -> TensorData.of(adapter.master()));
  }

  private static ObjectNode config(LowRank lowRank, List<String> modules) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("peft_type", "LORA");
    config.putNull("task_type");
    config.putNull("base_model_name_or_path");
    config.put("inference_mode", true);
    config.put("r", lowRank.rank());
    config.put("lora_alpha", lowRank.alpha());
    config.put("lora_dropout", lowRank.dropout());
    config.put("bias", "none");
    config.put("fan_in_fan_out", false);
    config.put("use_rslora", false);
    config.put("use_dora", false);
    config.putNull("modules_to_save");
    var targets = config.putArray("target_modules");
    modules.forEach(targets::add);
    return config;
  }
}
