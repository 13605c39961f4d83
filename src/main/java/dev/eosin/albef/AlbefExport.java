package dev.eosin.albef;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.FileContent;
import dev.eosin.nn.Activation;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tower.Vit;
import dev.eosin.train.StoredWeights;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes what was trained as a folder: `model.safetensors` with PA-LLaVA's names ([AlbefNames]),
/// without momentum encoders and queue, and `config.json`, whose `vision_config` and `text_config`
/// are those of transformers' `CLIPVisionModel` and `BlipTextModel`.
///
/// @param model that was trained
public record AlbefExport(Albef model) {
  private static final String WEIGHTS = "model.safetensors";
  private static final String CONFIG = "config.json";
  private static final double CLIP_EPSILON = 1e-5;

  /// @param files what else belongs beside, by name
  /// @throws DataException when the folder cannot be written; an existing one is then untouched
  public void write(Path folder, ParameterSet parameters, Map<String, FileContent> files)
      throws DataException {
    Layout layout = AlbefNames.exported(model);
    Map<String, PendingTensor> weights = new LinkedHashMap<>();
    for (Weight weight : model.trainedWeights()) {
      Parameter parameter = parameters.get(weight.name());
      weights.put(
          weight.name(),
          new PendingTensor(
              StoredType.F32,
              StoredWeights.boxed(weight.shape()),
              () -> TensorData.of(parameter.master())));
    }
    try (AtomicFolder out = AtomicFolder.begin(folder)) {
      out.write(WEIGHTS, layout.writePending(weights, Map.of("format", "pt")));
      out.write(CONFIG, FileContent.text(config().toPrettyString() + "\n"));
      for (Map.Entry<String, FileContent> file : files.entrySet()) {
        out.write(file.getKey(), file.getValue());
      }
      out.commit();
    }
  }

  /// What [#write] wrote, under Eosin's names.
  ///
  /// @throws DataException when the folder holds something else
  public StoredTensors open(Path folder) throws DataException {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    model
        .trainedWeights()
        .forEach(weight -> shapes.put(weight.name(), StoredWeights.boxed(weight.shape())));
    StoredTensors file = SafetensorsFile.open(folder.resolve(WEIGHTS));
    try {
      return AlbefNames.exported(model).read(file, shapes);
    } catch (DataException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private ObjectNode config() {
    ObjectNode json = new JsonMapper().createObjectNode();
    json.set("vision_config", vision());
    json.set("text_config", text());
    json.put("embed_dim", model.trained().projections().embedSize());
    json.put("enc_token_id", model.judge());
    return json;
  }

  private ObjectNode vision() {
    ObjectNode json = new JsonMapper().createObjectNode();
    Vit vit = model.trained().images().vit();
    Activation activation = model.trained().images().blocks().orElseThrow().activation();
    json.put("model_type", "clip_vision_model");
    json.put("image_size", vit.height());
    json.put("patch_size", vit.patch());
    json.put("num_channels", 3);
    json.put("hidden_size", vit.hiddenSize());
    json.put("num_hidden_layers", vit.layers());
    json.put("num_attention_heads", vit.heads());
    json.put("intermediate_size", vit.mlpSize());
    json.put("hidden_act", activation.quick() ? "quick_gelu" : "gelu");
    json.put("layer_norm_eps", CLIP_EPSILON);
    return json;
  }

  private ObjectNode text() {
    ObjectNode json = new JsonMapper().createObjectNode();
    TextSpec spec = model.trained().texts().spec();
    json.put("model_type", "blip_text_model");
    json.put("vocab_size", spec.vocabulary());
    json.put("max_position_embeddings", spec.positions());
    json.put("hidden_size", spec.width());
    json.put("encoder_hidden_size", spec.imageWidth());
    json.put("num_hidden_layers", spec.layers());
    json.put("num_attention_heads", spec.heads());
    json.put("intermediate_size", spec.mlpWidth());
    json.put("hidden_act", "gelu");
    json.put("layer_norm_eps", spec.normEpsilon());
    return json;
  }
}
