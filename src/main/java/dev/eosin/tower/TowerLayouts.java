package dev.eosin.tower;

import dev.eosin.checkpoint.NameTable;

/// The name tables of towers that open_clip takes from timm and transformers, and of CLIP's own as
/// transformers has them.
///
/// Sources: `timm/models/vision_transformer.py` of timm 1.0.29, `modeling_bert.py` of transformers
/// 5.18.0, `timm_model.py` and `hf_model.py` of open_clip 3.3.0.
public final class TowerLayouts {
  private TowerLayouts() {}

  /// A trunk, and its projection beside it.
  ///
  /// @param prefix of Eosin's names
  /// @param foreign what the foreign names begin with: `visual.` in open_clip's files
  public static void timm(NameTable table, String prefix, String foreign, TowerNames.Timm tower) {
    String trunk = foreign + "trunk.";
    timmTrunk(table, prefix, trunk, tower);
    table.copyAffine(
        prefix + ".final-norm", trunk + (tower.normAfterPooling() ? "fc_norm" : "norm"));
    for (int i = 0; i < tower.matrices(); i++) {
      boolean last = i == tower.matrices() - 1;
      String matrix = foreign + "head." + (tower.matrices() == 1 ? "proj" : "mlp.fc" + (i + 1));
      table.copy(prefix + ".projection.%d.weight".formatted(i), matrix + ".weight");
      if (!last || tower.lastBias()) {
        table.copy(prefix + ".projection.%d.bias".formatted(i), matrix + ".bias");
      }
    }
  }

  /// A trunk up to its last block, without the norm behind it.
  ///
  /// @param trunk what the foreign names begin with: nothing in timm's own files
  static void timmTrunk(NameTable table, String prefix, String trunk, TowerNames.Timm tower) {
    table.copyAffine(prefix + ".patch-embedding", trunk + "patch_embed.proj");
    table.copy(prefix + ".class-token", trunk + "cls_token");
    table.copy(prefix + ".position-embedding", trunk + "pos_embed");
    if (tower.registers()) {
      table.copy(prefix + ".register-tokens", trunk + "reg_token");
    }
    for (int i = 0; i < tower.layers(); i++) {
      timmBlock(table, prefix + ".blocks." + i, trunk + "blocks." + i, tower.layerScale());
    }
  }

  private static void timmBlock(NameTable table, String block, String foreign, boolean layerScale) {
    table.copyAffine(block + ".attention-norm", foreign + ".norm1");
    table.copyAffine(block + ".attention.query-key-value", foreign + ".attn.qkv");
    table.copyAffine(block + ".attention.output", foreign + ".attn.proj");
    table.copyAffine(block + ".mlp-norm", foreign + ".norm2");
    table.copyAffine(block + ".mlp.up", foreign + ".mlp.fc1");
    table.copyAffine(block + ".mlp.down", foreign + ".mlp.fc2");
    if (layerScale) {
      table.copy(block + ".attention.layer-scale", foreign + ".ls1.gamma");
      table.copy(block + ".mlp.layer-scale", foreign + ".ls2.gamma");
    }
  }

  /// CLIP's vision transformer as transformers has it, without a projection.
  ///
  /// @param prefix of Eosin's names
  /// @param foreign what the foreign names begin with: `vision_model.` in a CLIPModel
  public static void huggingFaceVit(NameTable table, String prefix, String foreign, int layers) {
    String embeddings = foreign + "embeddings.";
    table.copy(prefix + ".class-token", embeddings + "class_embedding");
    table.copy(prefix + ".position-embedding", embeddings + "position_embedding.weight");
    table.copy(prefix + ".patch-embedding.weight", embeddings + "patch_embedding.weight");
    table.copyAffine(prefix + ".pre-norm", foreign + "pre_layrnorm");
    for (int i = 0; i < layers; i++) {
      huggingFaceBlock(table, prefix + ".blocks." + i, foreign + "encoder.layers." + i);
    }
    table.copyAffine(prefix + ".post-norm", foreign + "post_layernorm");
  }

  /// A block of either of CLIP's transformers as transformers has it.
  public static void huggingFaceBlock(NameTable table, String block, String foreign) {
    table.copyAffine(block + ".attention-norm", foreign + ".layer_norm1");
    for (String part : NameTable.AFFINE) {
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

  /// What the names of BERT's pooler begin with: many files hold it, few towers use it.
  public static String pooler(String foreign) {
    return foreign + "transformer.pooler.";
  }

  /// @param prefix of Eosin's names
  /// @param foreign what the foreign names begin with: `text.` in open_clip's files
  public static void bert(NameTable table, String prefix, String foreign, TowerNames.Bert tower) {
    String embeddings = foreign + "transformer.embeddings.";
    table.copy(prefix + ".token-embedding", embeddings + "word_embeddings.weight");
    table.copy(prefix + ".position-embedding", embeddings + "position_embeddings.weight");
    table.copy(prefix + ".token-type-embedding", embeddings + "token_type_embeddings.weight");
    table.copyAffine(prefix + ".embedding-norm", embeddings + "LayerNorm");
    for (int i = 0; i < tower.layers(); i++) {
      bertBlock(table, prefix + ".blocks." + i, foreign + "transformer.encoder.layer." + i);
    }
    if (tower.pooler()) {
      table.copyAffine(prefix + ".pooler", pooler(foreign) + "dense");
    }
    for (int i = 0; i < tower.matrices(); i++) {
      // The second module of the two-matrix projection is the activation.
      String matrix = foreign + "proj." + (tower.matrices() == 1 ? "" : 2 * i + ".");
      table.copy(prefix + ".projection.%d.weight".formatted(i), matrix + "weight");
    }
  }

  private static void bertBlock(NameTable table, String block, String foreign) {
    table.copyAffine(block + ".attention-norm", foreign + ".attention.output.LayerNorm");
    for (String part : NameTable.AFFINE) {
      table.stack(
          block + ".attention.query-key-value." + part,
          foreign + ".attention.self.query." + part,
          foreign + ".attention.self.key." + part,
          foreign + ".attention.self.value." + part);
    }
    table.copyAffine(block + ".attention.output", foreign + ".attention.output.dense");
    table.copyAffine(block + ".mlp-norm", foreign + ".output.LayerNorm");
    table.copyAffine(block + ".mlp.up", foreign + ".intermediate.dense");
    table.copyAffine(block + ".mlp.down", foreign + ".output.dense");
  }
}
