package dev.eosin.clip.spec;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.NameTable;
import dev.eosin.tower.TowerLayouts;
import dev.eosin.tower.TowerNames;
import java.util.HashSet;
import java.util.Set;

/// The name tables of CLIP: Eosin's names on the left, the foreign ones on the right.
///
/// Sources: `open_clip/model.py` and `transformer.py` of open_clip 3.3.0;
/// `models/clip/modeling_clip.py` of transformers 5.18.0.
public final class ClipLayouts {
  static final String LOGIT_SCALE = "logit-scale";
  static final String LOGIT_BIAS = "logit-bias";

  private ClipLayouts() {}

  /// open_clip's `CLIP` with its own towers.
  public static Layout openClip(int imageLayers, int textLayers) {
    return openClip(new TowerNames.Vit(imageLayers), new TowerNames.Causal(textLayers));
  }

  /// open_clip's `CLIP` or `CustomTextCLIP`, by its towers.
  public static Layout openClip(TowerNames.Image image, TowerNames.Text text) {
    return openClip("open_clip", image, text, "");
  }

  /// open_clip's `CustomTextCLIP` with a plain text transformer: the same with `text.` before the
  /// text tower's names.
  public static Layout openClipCustomText(TowerNames.Image image, TowerNames.Text text) {
    return openClip("open_clip with a text module", image, text, "text.");
  }

  private static Layout openClip(
      String name, TowerNames.Image image, TowerNames.Text text, String prefix) {
    NameTable table = new NameTable();
    var unused = new HashSet<String>();
    int imageLayers =
        switch (image) {
          case TowerNames.Vit(int layers) -> openClipImage(table, layers);
          case TowerNames.Timm timm -> {
            TowerLayouts.timm(table, "image", "visual.", timm);
            yield timm.layers();
          }
        };
    int textLayers =
        switch (text) {
          case TowerNames.Causal(int layers) -> openClipText(table, layers, prefix);
          case TowerNames.Bert bert -> {
            TowerLayouts.bert(table, "text", "text.", bert);
            if (!bert.pooler()) {
              unused.add(TowerLayouts.pooler("text."));
            }
            yield bert.layers();
          }
        };
    table.scalar(LOGIT_SCALE, "logit_scale");
    table.scalar(LOGIT_BIAS, "logit_bias");
    return new Layout(
        "%s (%d image and %d text layers)".formatted(name, imageLayers, textLayers),
        table.rules(),
        Set.of(LOGIT_BIAS),
        unused);
  }

  private static int openClipImage(NameTable table, int layers) {
    table.copy("image.class-token", "visual.class_embedding");
    table.copy("image.position-embedding", "visual.positional_embedding");
    table.copy("image.patch-embedding.weight", "visual.conv1.weight");
    table.copyAffine("image.pre-norm", "visual.ln_pre");
    for (int i = 0; i < layers; i++) {
      openClipBlock(table, "image.blocks." + i, "visual.transformer.resblocks." + i);
    }
    table.copyAffine("image.post-norm", "visual.ln_post");
    table.copy("image.projection", "visual.proj");
    return layers;
  }

  private static int openClipText(NameTable table, int layers, String prefix) {
    table.copy("text.token-embedding", prefix + "token_embedding.weight");
    table.copy("text.position-embedding", prefix + "positional_embedding");
    for (int i = 0; i < layers; i++) {
      openClipBlock(table, "text.blocks." + i, prefix + "transformer.resblocks." + i);
    }
    table.copyAffine("text.final-norm", prefix + "ln_final");
    table.copy("text.projection", prefix + "text_projection");
    return layers;
  }

  private static void openClipBlock(NameTable table, String block, String foreign) {
    table.copyAffine(block + ".attention-norm", foreign + ".ln_1");
    for (String part : NameTable.AFFINE) {
      table.copy(block + ".attention.query-key-value." + part, foreign + ".attn.in_proj_" + part);
    }
    table.copyAffine(block + ".attention.output", foreign + ".attn.out_proj");
    table.copyAffine(block + ".mlp-norm", foreign + ".ln_2");
    table.copyAffine(block + ".mlp.up", foreign + ".mlp.c_fc");
    table.copyAffine(block + ".mlp.down", foreign + ".mlp.c_proj");
  }

  /// transformers' `CLIPModel`, which `vinid/plip` and many others are. It has no logit bias, so
  /// neither has this table.
  public static Layout huggingFaceClip(int imageLayers, int textLayers) {
    NameTable table = new NameTable();
    TowerLayouts.huggingFaceVit(table, "image", "vision_model.", imageLayers);
    table.transpose("image.projection", "visual_projection.weight");
    table.copy("text.token-embedding", "text_model.embeddings.token_embedding.weight");
    table.copy("text.position-embedding", "text_model.embeddings.position_embedding.weight");
    for (int i = 0; i < textLayers; i++) {
      TowerLayouts.huggingFaceBlock(table, "text.blocks." + i, "text_model.encoder.layers." + i);
    }
    table.copyAffine("text.final-norm", "text_model.final_layer_norm");
    table.transpose("text.projection", "text_projection.weight");
    table.scalar(LOGIT_SCALE, "logit_scale");
    return new Layout(
        "Hugging Face CLIPModel (%d image and %d text layers)".formatted(imageLayers, textLayers),
        table.rules(),
        Set.of(),
        Set.of());
  }

  /// As [#eosin(TowerNames.Image, TowerNames.Text)] for CLIP's own towers.
  public static Layout eosin(int imageLayers, int textLayers) {
    return eosin(new TowerNames.Vit(imageLayers), new TowerNames.Causal(textLayers));
  }

  /// Eosin's own names, as in a native checkpoint's `model.safetensors`.
  public static Layout eosin(TowerNames.Image image, TowerNames.Text text) {
    NameTable table = new NameTable();
    openClip(image, text).rules().forEach(rule -> table.copy(rule.name(), rule.name()));
    return new Layout("Eosin CLIP", table.rules(), Set.of(LOGIT_BIAS), Set.of());
  }
}
