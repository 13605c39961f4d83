package dev.eosin.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The name tables of CLIP: Eosin's names on the left, the foreign ones on the right.
///
/// Sources: `open_clip/model.py` and `transformer.py` of open_clip 3.3.0;
/// `models/clip/modeling_clip.py` of transformers 5.18.0.
final class ClipLayouts {
  static final String LOGIT_SCALE = "logit-scale";
  static final String LOGIT_BIAS = "logit-bias";
  private static final List<String> AFFINE = List.of("weight", "bias");

  private ClipLayouts() {}

  static Layout openClip(int imageLayers, int textLayers) {
    return openClip("open_clip", imageLayers, textLayers, "");
  }

  static Layout openClipCustomText(int imageLayers, int textLayers) {
    return openClip("open_clip with a text module", imageLayers, textLayers, "text.");
  }

  private static Layout openClip(String name, int imageLayers, int textLayers, String text) {
    Table table = new Table();
    table.copy("image.class-token", "visual.class_embedding");
    table.copy("image.position-embedding", "visual.positional_embedding");
    table.copy("image.patch-embedding.weight", "visual.conv1.weight");
    table.copyAffine("image.pre-norm", "visual.ln_pre");
    for (int i = 0; i < imageLayers; i++) {
      openClipBlock(table, "image.blocks." + i, "visual.transformer.resblocks." + i);
    }
    table.copyAffine("image.post-norm", "visual.ln_post");
    table.copy("image.projection", "visual.proj");
    table.copy("text.token-embedding", text + "token_embedding.weight");
    table.copy("text.position-embedding", text + "positional_embedding");
    for (int i = 0; i < textLayers; i++) {
      openClipBlock(table, "text.blocks." + i, text + "transformer.resblocks." + i);
    }
    table.copyAffine("text.final-norm", text + "ln_final");
    table.copy("text.projection", text + "text_projection");
    table.scalar(LOGIT_SCALE, "logit_scale");
    table.scalar(LOGIT_BIAS, "logit_bias");
    return new Layout(
        "%s (%d image and %d text layers)".formatted(name, imageLayers, textLayers),
        table.rules,
        Set.of(LOGIT_BIAS));
  }

  private static void openClipBlock(Table table, String block, String foreign) {
    table.copyAffine(block + ".attention-norm", foreign + ".ln_1");
    for (String part : AFFINE) {
      table.copy(block + ".attention.query-key-value." + part, foreign + ".attn.in_proj_" + part);
    }
    table.copyAffine(block + ".attention.output", foreign + ".attn.out_proj");
    table.copyAffine(block + ".mlp-norm", foreign + ".ln_2");
    table.copyAffine(block + ".mlp.up", foreign + ".mlp.c_fc");
    table.copyAffine(block + ".mlp.down", foreign + ".mlp.c_proj");
  }

  /// A CLIPModel has no logit bias, so neither has this table.
  static Layout huggingFaceClip(int imageLayers, int textLayers) {
    Table table = new Table();
    String image = "vision_model.embeddings.";
    table.copy("image.class-token", image + "class_embedding");
    table.copy("image.position-embedding", image + "position_embedding.weight");
    table.copy("image.patch-embedding.weight", image + "patch_embedding.weight");
    table.copyAffine("image.pre-norm", "vision_model.pre_layrnorm");
    for (int i = 0; i < imageLayers; i++) {
      huggingFaceBlock(table, "image.blocks." + i, "vision_model.encoder.layers." + i);
    }
    table.copyAffine("image.post-norm", "vision_model.post_layernorm");
    table.transpose("image.projection", "visual_projection.weight");
    table.copy("text.token-embedding", "text_model.embeddings.token_embedding.weight");
    table.copy("text.position-embedding", "text_model.embeddings.position_embedding.weight");
    for (int i = 0; i < textLayers; i++) {
      huggingFaceBlock(table, "text.blocks." + i, "text_model.encoder.layers." + i);
    }
    table.copyAffine("text.final-norm", "text_model.final_layer_norm");
    table.transpose("text.projection", "text_projection.weight");
    table.scalar(LOGIT_SCALE, "logit_scale");
    return new Layout(
        "Hugging Face CLIPModel (%d image and %d text layers)".formatted(imageLayers, textLayers),
        table.rules,
        Set.of());
  }

  private static void huggingFaceBlock(Table table, String block, String foreign) {
    table.copyAffine(block + ".attention-norm", foreign + ".layer_norm1");
    for (String part : AFFINE) {
      table.stack(
          block + ".attention.query-key-value." + part,
          foreign + ".self_attn.q_proj." + part,
          foreign + ".self_attn.k_proj." + part,
          foreign + ".self_attn.v_proj." + part);
    }
    table.copyAffine(block + ".attention.output", foreign + ".self_attn.out_proj");
    table.copyAffine(block + ".mlp-norm", foreign + ".layer_norm2");
    table.copyAffine(block + ".mlp.up", foreign + ".mlp.fc1");
    table.copyAffine(block + ".mlp.down", foreign + ".mlp.fc2");
  }

  static Layout eosin(int imageLayers, int textLayers) {
    Table table = new Table();
    openClip(imageLayers, textLayers).rules().forEach(rule -> table.copy(rule.name(), rule.name()));
    return new Layout(
        "Eosin CLIP (%d image and %d text layers)".formatted(imageLayers, textLayers),
        table.rules,
        Set.of(LOGIT_BIAS));
  }

  private static final class Table {
    private final List<TensorRule> rules = new ArrayList<>();

    void copy(String name, String foreign) {
      rules.add(new TensorRule.Copy(name, foreign));
    }

    void copyAffine(String name, String foreign) {
      AFFINE.forEach(part -> copy(name + "." + part, foreign + "." + part));
    }

    void scalar(String name, String foreign) {
      rules.add(new TensorRule.Scalar(name, foreign));
    }

    void transpose(String name, String foreign) {
      rules.add(new TensorRule.Transpose(name, foreign));
    }

    void stack(String name, String... foreign) {
      rules.add(new TensorRule.Stack(name, List.of(foreign)));
    }
  }
}
