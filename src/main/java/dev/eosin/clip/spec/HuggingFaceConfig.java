package dev.eosin.clip.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.nn.Activation;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.TextSpec;
import dev.eosin.tower.Vit;
import java.util.Optional;

/// The `config.json` of a Hugging Face CLIPModel folder.
///
/// Source: transformers 5.18.0 `configuration_clip.py`; keys that a file leaves out have its
/// defaults.
public final class HuggingFaceConfig {
  /// transformers' mark for "pool at the largest id", from before the end-of-text id was written
  /// down.
  private static final int LEGACY_END_OF_TEXT = 2;

  private static final double NORM_EPSILON = 1e-5;

  private HuggingFaceConfig() {}

  /// @param file for messages
  /// @throws DataException naming the file and the key that is missing, wrong or not supported
  public static ClipSpec read(String file, JsonNode root) throws DataException {
    JsonFields model = new JsonFields(file, "", root);
    if (!model.text("model_type", "").equals("clip")) {
      throw model.problem(
          "model_type", "is '%s'; 'clip' is expected".formatted(model.text("model_type", "")));
    }
    JsonFields vision = model.object("vision_config");
    JsonFields text = model.object("text_config");
    Activation activation = activation(vision);
    if (activation(text) != activation) {
      throw text.problem("hidden_act", "differs from vision_config.hidden_act");
    }
    checkEpsilon(vision);
    checkEpsilon(text);
    try {
      return new ClipSpec(
          model.integer("projection_dim", 512), image(vision), text(text), activation);
    } catch (IllegalArgumentException e) {
      throw new DataException(file + ": " + e.getMessage(), e);
    }
  }

  /// What a configuration says of the image tower: that of a vision model alone, or of a whole
  /// CLIP.
  ///
  /// @throws DataException when it is of neither
  static JsonFields vision(String file, JsonNode root) throws DataException {
    JsonFields model = new JsonFields(file, "", root);
    String type = model.text("model_type", "");
    JsonFields vision =
        switch (type) {
          case "clip" -> model.object("vision_config");
          case "clip_vision_model" ->
              model.has("vision_config") ? model.object("vision_config") : model;
          default ->
              throw model.problem(
                  "model_type",
                  "is '%s'; an image tower is timm's (with 'architecture'), or 'clip_vision_model' or 'clip' is expected"
                      .formatted(type));
        };
    checkEpsilon(vision);
    return vision;
  }

  static ImageSpec image(JsonFields vision) throws DataException {
    int size = vision.integer("image_size", 224);
    return new Vit(
        size,
        size,
        vision.integer("patch_size", 32),
        vision.integer("hidden_size", 768),
        vision.integer("num_hidden_layers", 12),
        vision.integer("num_attention_heads", 12),
        vision.integer("intermediate_size", 3072));
  }

  private static TextSpec text(JsonFields text) throws DataException {
    return new Causal(
        text.integer("max_position_embeddings", 77),
        text.integer("vocab_size", 49408),
        text.integer("hidden_size", 512),
        text.integer("num_hidden_layers", 12),
        text.integer("num_attention_heads", 8),
        text.integer("intermediate_size", 2048),
        end(text));
  }

  private static EndOfText end(JsonFields text) throws DataException {
    int id = text.integer("eos_token_id", 49407);
    return id == LEGACY_END_OF_TEXT ? new EndOfText.LargestId() : new EndOfText.FirstOf(id);
  }

  static Activation activation(JsonFields fields) throws DataException {
    String name = fields.text("hidden_act", "quick_gelu");
    return switch (name) {
      case "quick_gelu" -> Activation.QUICK_GELU;
      case "gelu" -> Activation.GELU;
      default ->
          throw fields.problem(
              "hidden_act", "is '%s'; 'gelu' or 'quick_gelu' is expected".formatted(name));
    };
  }

  private static void checkEpsilon(JsonFields fields) throws DataException {
    double epsilon = fields.number("layer_norm_eps", NORM_EPSILON);
    if (epsilon != NORM_EPSILON) {
      throw fields.problem("layer_norm_eps", "is %s; only 1e-5 is supported".formatted(epsilon));
    }
  }

  /// Why a CLIPModel cannot be this model, if it cannot.
  public static Optional<String> refusal(ClipSpec spec) {
    ImageSpec image = spec.image();
    if (!(image instanceof Vit)) {
      return Optional.of(
          "a Hugging Face CLIPModel has CLIP's own image tower, this model has one of timm; use the open_clip files");
    }
    if (!(spec.text() instanceof Causal)) {
      return Optional.of(
          "a Hugging Face CLIPModel has CLIP's own text tower, this model has a BERT; use the open_clip files");
    }
    if (image.height() != image.width()) {
      return Optional.of(
          "a Hugging Face CLIPModel takes square images only, this model takes %d x %d px; use the open_clip files"
              .formatted(image.height(), image.width()));
    }
    if (spec.logitBias()) {
      return Optional.of(
          "a Hugging Face CLIPModel has no logit bias, this model was trained with one; use the open_clip files");
    }
    return Optional.empty();
  }

  /// @throws DataException for what a CLIPModel cannot be, see [#refusal]
  public static ObjectNode write(ClipSpec spec) throws DataException {
    Optional<String> refusal = refusal(spec);
    if (refusal.isPresent()
        || !(spec.image() instanceof Vit image)
        || !(spec.text() instanceof Causal text)) {
      throw new DataException(refusal.orElseThrow());
    }
    ObjectNode model = JsonNodeFactory.instance.objectNode();
    model.putArray("architectures").add("CLIPModel");
    model.put("model_type", "clip");
    model.put("projection_dim", spec.embedSize());
    model.put("logit_scale_init_value", 2.6592);
    model.put("torch_dtype", "float32");
    ObjectNode vision = model.putObject("vision_config");
    vision.put("model_type", "clip_vision_model");
    vision.put("image_size", image.height());
    vision.put("patch_size", image.patch());
    vision.put("num_channels", 3);
    tower(vision, spec, image.hiddenSize(), image.layers(), image.heads(), image.mlpSize());
    ObjectNode language = model.putObject("text_config");
    language.put("model_type", "clip_text_model");
    language.put("vocab_size", text.vocabulary());
    language.put("max_position_embeddings", text.context());
    language.put("bos_token_id", 0);
    language.put("pad_token_id", 1);
    language.put(
        "eos_token_id",
        switch (text.endOfText()) {
          case EndOfText.LargestId() -> LEGACY_END_OF_TEXT;
          case EndOfText.FirstOf(int id) -> id;
        });
    tower(language, spec, text.hiddenSize(), text.layers(), text.heads(), text.mlpSize());
    return model;
  }

  private static void tower(
      ObjectNode node, ClipSpec spec, int hidden, int layers, int heads, int mlp) {
    node.put("hidden_size", hidden);
    node.put("num_hidden_layers", layers);
    node.put("num_attention_heads", heads);
    node.put("intermediate_size", mlp);
    node.put("projection_dim", spec.embedSize());
    node.put("hidden_act", spec.activation().quick() ? "quick_gelu" : "gelu");
    node.put("layer_norm_eps", NORM_EPSILON);
    node.put("attention_dropout", 0.0);
    node.put("initializer_factor", 1.0);
    node.put("initializer_range", 0.02);
  }
}
