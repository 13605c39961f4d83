package dev.eosin.albef;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.NameTable;
import dev.eosin.tower.TowerLayouts;
import java.util.Set;

/// What PA-LLaVA's files call the weights: `visual_encoder.`, `text_encoder.`, `vision_proj`,
/// `text_proj`, `itm_head`, `temp`, and with `_m` those of the momentum encoder.
///
/// Source: ALBEF's `model_pretrain.py`; inside towers transformers' `CLIPVisionModel` and
/// `BlipTextModel`.
public final class AlbefNames {
  private AlbefNames() {}

  /// Everything that is trained, and the momentum encoder.
  public static Layout whole(Albef model) {
    NameTable table = trained(model);
    encoder(table, model.momentum(), "_m");
    return new Layout(
        "PA-LLaVA's PLIP", table.rules(), Set.of(), Set.of("image_queue", "text_queue"));
  }

  /// Without the momentum encoder, which nothing but training needs.
  public static Layout exported(Albef model) {
    return new Layout("PA-LLaVA's PLIP", trained(model).rules(), Set.of(), Set.of());
  }

  private static NameTable trained(Albef model) {
    NameTable table = new NameTable();
    encoder(table, model.trained(), "");
    table.copyAffine(model.judgement().match(), "itm_head");
    table.scalar(model.judgement().temperature(), "temp");
    return table;
  }

  private static void encoder(NameTable table, PairEncoder encoder, String after) {
    TowerLayouts.huggingFaceVit(
        table,
        encoder.images().prefix(),
        "visual_encoder" + after + ".",
        encoder.images().images().blockCount());
    text(table, encoder.texts(), "text_encoder" + after + ".");
    table.copyAffine(encoder.projections().image(), "vision_proj" + after);
    table.copyAffine(encoder.projections().text(), "text_proj" + after);
  }

  /// A BERT with cross-attention, as transformers has it.
  ///
  /// @param foreign what the foreign names begin with
  static void text(NameTable table, TextEncoder own, String foreign) {
    table.copy(own.table(), foreign + "embeddings.word_embeddings.weight");
    table.copy(own.positions(), foreign + "embeddings.position_embeddings.weight");
    table.copyAffine(own.norm(), foreign + "embeddings.LayerNorm");
    for (int i = 0; i < own.spec().layers(); i++) {
      layer(table, own.block(i), "%sencoder.layer.%d".formatted(foreign, i));
    }
  }

  private static void layer(NameTable table, String own, String foreign) {
    String self = foreign + ".attention.self.";
    String cross = foreign + ".crossattention.self.";
    for (String part : NameTable.AFFINE) {
      table.stack(
          own + ".attention.query-key-value." + part,
          self + "query." + part,
          self + "key." + part,
          self + "value." + part);
      table.stack(
          own + ".cross-attention.key-value." + part,
          cross + "key." + part,
          cross + "value." + part);
    }
    table.copyAffine(own + ".attention.output", foreign + ".attention.output.dense");
    table.copyAffine(own + ".attention-norm", foreign + ".attention.output.LayerNorm");
    table.copyAffine(own + ".cross-attention.query", cross + "query");
    table.copyAffine(own + ".cross-attention.output", foreign + ".crossattention.output.dense");
    table.copyAffine(own + ".cross-attention-norm", foreign + ".crossattention.output.LayerNorm");
    table.copyAffine(own + ".mlp.up", foreign + ".intermediate.dense");
    table.copyAffine(own + ".mlp.down", foreign + ".output.dense");
    table.copyAffine(own + ".mlp-norm", foreign + ".output.LayerNorm");
  }
}
