package dev.eosin.vllm;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.language.spec.ConfigFields;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.OldOptions;
import dev.eosin.nn.Activation;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.Vit;
import java.nio.file.Path;
import java.util.Set;

/// CLIP's vision tower as transformers' configurations describe it.
///
/// Source: transformers 5.18 `configuration_clip.py`; options that are left out have its defaults.
///
/// @param embedSize what the tower's projection would make, which no model of this kind reads
public record VisionConfig(Vit vit, Activation activation, int embedSize) {
  private static final double NORM_EPSILON = 1e-5;
  private static final String OWN = "clip_vision_model";
  private static final String PAIR = "clip";

  private static final Set<String> NEUTRAL =
      Set.of("attention_dropout", "dropout", "initializer_factor", "vocab_size");

  /// A tower within a model of images and text.
  ///
  /// @param fields of `vision_config`
  /// @throws DataException naming the file and the option that is wrong or not computed here
  public static VisionConfig read(ConfigFields fields) throws DataException {
    if (fields.has("model_type") && !fields.text("model_type").equals(OWN)) {
      throw fields.wrong("model_type", OWN + ", the only image tower that such models have here");
    }
    fields.ignore(NEUTRAL);
    fields.ignore(LanguageConfig.NEUTRAL);
    OldOptions.require(fields);
    fields.requireOnly("num_channels", "3");
    int size = fields.sizeOr("image_size", 224);
    double epsilon = fields.numberOr("layer_norm_eps", NORM_EPSILON);
    if (epsilon != NORM_EPSILON) {
      throw fields.wrong("layer_norm_eps", "1e-5, the only value that is computed here");
    }
    try {
      Vit vit =
          new Vit(
              size,
              size,
              fields.sizeOr("patch_size", 32),
              fields.sizeOr("hidden_size", 768),
              fields.sizeOr("num_hidden_layers", 12),
              fields.sizeOr("num_attention_heads", 12),
              fields.sizeOr("intermediate_size", 3072));
      var read = new VisionConfig(vit, activation(fields), fields.sizeOr("projection_dim", 512));
      fields.requireNothingElse();
      return read;
    } catch (IllegalArgumentException e) {
      throw new DataException(fields.file() + ": " + e.getMessage(), e);
    }
  }

  /// The tower of a folder of its own: of a CLIPVisionModel, or of a CLIPModel.
  ///
  /// @param file `config.json`
  /// @throws DataException naming the file and the option that is wrong or not computed here
  public static VisionConfig read(Path file) throws DataException {
    ConfigFields fields = ConfigFields.open(file);
    return switch (fields.text("model_type")) {
      case OWN -> read(fields);
      case PAIR ->
          read(
              fields
                  .object("vision_config")
                  .orElseThrow(() -> fields.wrong("vision_config", "what describes the tower")));
      default -> throw fields.wrong("model_type", OWN + " or " + PAIR);
    };
  }

  private static Activation activation(ConfigFields fields) throws DataException {
    String name = fields.has("hidden_act") ? fields.text("hidden_act") : "quick_gelu";
    return switch (name) {
      case "quick_gelu" -> Activation.QUICK_GELU;
      case "gelu" -> Activation.GELU;
      default -> throw fields.wrong("hidden_act", "gelu or quick_gelu");
    };
  }

  /// @param prefix of its weights' names
  public ImageTower tower(String prefix) {
    return ImageTower.of(prefix, vit, embedSize, activation);
  }

  /// The same with fewer blocks.
  VisionConfig withLayers(int layers) {
    Vit fewer =
        new Vit(
            vit.height(),
            vit.width(),
            vit.patch(),
            vit.hiddenSize(),
            layers,
            vit.heads(),
            vit.mlpSize());
    return new VisionConfig(fewer, activation, embedSize);
  }

  /// As transformers reads it.
  ObjectNode written() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model_type", OWN);
    json.put("image_size", vit.height());
    json.put("patch_size", vit.patch());
    json.put("num_channels", 3);
    json.put("hidden_size", vit.hiddenSize());
    json.put("num_hidden_layers", vit.layers());
    json.put("num_attention_heads", vit.heads());
    json.put("intermediate_size", vit.mlpSize());
    json.put("projection_dim", embedSize);
    json.put("hidden_act", activation.quick() ? "quick_gelu" : "gelu");
    json.put("layer_norm_eps", NORM_EPSILON);
    json.put("attention_dropout", 0.0);
    return json;
  }
}
