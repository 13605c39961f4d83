package dev.eosin.vllm;

import dev.eosin.config.DataException;
import dev.eosin.language.spec.ConfigFields;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.OldOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a LLaVA folder's `config.json` says, whoever wrote it.
///
/// Sources: transformers 5.18 `configuration_llava.py`; LLaVA's `llava_arch.py`,
/// `multimodal_encoder/clip_encoder.py` and `multimodal_projector/builder.py`.
///
/// @param tower where the image tower is described
/// @param layer of the tower that is read, as `[ImageFeatures]` counts
/// @param everyToken whether its class token is read, too
/// @param linears of the projector
/// @param imageId what stands for an image's tokens; empty where a tokenizer is still to be given
///   such a token
/// @param geometry how images are made square, where the configuration says it
/// @param language what the decoder is
public record VisionLanguageConfig(
    Tower tower,
    int layer,
    boolean everyToken,
    int linears,
    OptionalInt imageId,
    Optional<ImageGeometry> geometry,
    LanguageConfig language) {
  private static final String LLAVA = "llava";
  private static final Set<String> KINDS =
      Set.of(LLAVA, "llava_llama", "llava_mistral", "llava_qwen");
  private static final Pattern MLP = Pattern.compile("mlp([1-9])x_gelu");

  /// Where the image tower is described.
  public sealed interface Tower {
    /// In the same file.
    record Here(VisionConfig config) implements Tower {}

    /// In a folder of its own, or under a name on the hub.
    record Elsewhere(String name) implements Tower {}
  }

  /// What transformers and vLLM know without looking, or what changes no result.
  private static final Set<String> NEUTRAL =
      Set.of(
          "ignore_index",
          "image_seq_length",
          "model_type",
          "pad_token_id",
          "projector_hidden_act",
          "vocab_size");

  /// Options of LLaVA's training, which say nothing of the model that came out.
  private static final Set<String> TRAINING =
      Set.of(
          "freeze_mm_mlp_adapter",
          "freeze_mm_vision_resampler",
          "image_grid_pinpoints",
          "mm_hidden_size",
          "mm_projector_lr",
          "mm_vision_tower_lr",
          "pretrain_mm_mlp_adapter",
          "tokenizer_model_max_length",
          "tokenizer_padding_side",
          "tune_mm_mlp_adapter",
          "tune_mm_vision_resampler",
          "unfreeze_mm_vision_tower",
          "use_mm_proj");

  /// Whether a file describes such a model; nothing else of it is looked at.
  ///
  /// @param file `config.json`
  public static boolean describes(Path file) throws DataException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    ConfigFields config = ConfigFields.open(file);
    return config.isText("model_type") && KINDS.contains(config.text("model_type"));
  }

  /// @throws DataException naming the file and the option that is missing, wrong or not computed
  ///   here
  public static VisionLanguageConfig read(Path file) throws DataException {
    ConfigFields fields = ConfigFields.open(file);
    String kind = fields.text("model_type");
    boolean own = fields.has("mm_vision_tower");
    return switch (kind) {
      case LLAVA -> own ? ofLlava(fields, "llama") : ofTransformers(fields);
      case "llava_llama" -> ofLlava(fields, "llama");
      case "llava_mistral" -> ofLlava(fields, "mistral");
      case "llava_qwen" -> ofLlava(fields, "qwen2");
      default -> throw fields.wrong("model_type", "llava, the kind of model that sees and speaks");
    };
  }

  private static VisionLanguageConfig ofTransformers(ConfigFields fields) throws DataException {
    fields.ignore(NEUTRAL);
    fields.ignore(LanguageConfig.NEUTRAL);
    OldOptions.require(fields);
    fields.requireOnly("projector_hidden_act", "gelu");
    fields.requireOnly("multimodal_projector_bias", "true");
    VisionConfig vision =
        VisionConfig.read(
            fields
                .object("vision_config")
                .orElseThrow(() -> fields.wrong("vision_config", "what describes the tower")));
    LanguageConfig language = LanguageConfig.within(fields, "text_config");
    String strategy =
        fields.has("vision_feature_select_strategy")
            ? fields.text("vision_feature_select_strategy")
            : "default";
    boolean every =
        switch (strategy) {
          case "default" -> false;
          case "full" -> true;
          default -> throw fields.wrong("vision_feature_select_strategy", "default or full");
        };
    int layer = whole(fields, "vision_feature_layer", -2);
    String id = fields.has("image_token_id") ? "image_token_id" : "image_token_index";
    int imageId = whole(fields, id, 32_000);
    fields.ignore(Set.of("image_token_id", "image_token_index"));
    requireTies(fields, language);
    fields.requireNothingElse();
    return checked(
        fields,
        new VisionLanguageConfig(
            new Tower.Here(vision),
            layer,
            every,
            2,
            OptionalInt.of(imageId),
            Optional.empty(),
            language));
  }

  /// Only some versions of transformers look at the outer flag.
  private static void requireTies(ConfigFields fields, LanguageConfig language)
      throws DataException {
    boolean tied = !(language.spec() instanceof LlamaSpec spec) || spec.tied();
    if (fields.flag("tie_word_embeddings", false) && !tied) {
      throw fields.wrong("tie_word_embeddings", "false, as text_config has it");
    }
  }

  private static int whole(ConfigFields fields, String field, int otherwise) throws DataException {
    return fields.has(field) ? fields.size(field, Integer.MIN_VALUE) : otherwise;
  }

  private static VisionLanguageConfig ofLlava(ConfigFields fields, String kind)
      throws DataException {
    fields.ignore(TRAINING);
    fields.requireOnly("mm_use_im_start_end", "false");
    fields.requireOnly("mm_use_im_patch_token", "false");
    fields.requireOnly("mm_patch_merge_type", "flat");
    fields.requireOnly("mm_resampler_type", "null");
    fields.requireOnly("s2", "false");
    String feature =
        fields.has("mm_vision_select_feature") ? fields.text("mm_vision_select_feature") : "patch";
    boolean every =
        switch (feature) {
          case "patch" -> false;
          case "cls_patch" -> true;
          default -> throw fields.wrong("mm_vision_select_feature", "patch or cls_patch");
        };
    var read =
        new VisionLanguageConfig(
            new Tower.Elsewhere(fields.text("mm_vision_tower")),
            fields.size("mm_vision_select_layer", Integer.MIN_VALUE),
            every,
            linears(fields),
            OptionalInt.empty(),
            Optional.of(geometry(fields)),
            LanguageConfig.read(fields, kind));
    return checked(fields, read);
  }

  private static int linears(ConfigFields fields) throws DataException {
    String kind = fields.has("mm_projector_type") ? fields.text("mm_projector_type") : "linear";
    Matcher mlp = MLP.matcher(kind);
    if (mlp.matches()) {
      return Integer.parseInt(mlp.group(1));
    }
    if (!kind.equals("linear")) {
      throw fields.wrong("mm_projector_type", "linear or mlp2x_gelu");
    }
    return 1;
  }

  private static ImageGeometry geometry(ConfigFields fields) throws DataException {
    String ratio = fields.has("image_aspect_ratio") ? fields.text("image_aspect_ratio") : "square";
    return switch (ratio) {
      case "pad" -> ImageGeometry.PAD;
      case "square" -> ImageGeometry.CROP;
      default -> throw fields.wrong("image_aspect_ratio", "pad or square");
    };
  }

  private static VisionLanguageConfig checked(ConfigFields fields, VisionLanguageConfig read)
      throws DataException {
    if (read.tower instanceof Tower.Here(VisionConfig config)) {
      int layers = config.vit().layers();
      if (read.layer < -layers - 1 || read.layer > layers) {
        throw fields.wrong(
            "vision_feature_layer", "a state of the tower's %d blocks".formatted(layers));
      }
    }
    return read;
  }
}
