package dev.eosin.language;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.NameTable;
import java.util.List;
import java.util.Set;

/// What Hugging Face's files call the weights of language models.
public final class LanguageNames {
  /// In the order of a block's own names.
  private static final List<String> LLAMA =
      List.of(
          "input_layernorm.weight",
          "self_attn.q_proj.weight",
          "self_attn.k_proj.weight",
          "self_attn.v_proj.weight",
          "self_attn.o_proj.weight",
          "post_attention_layernorm.weight",
          "mlp.gate_proj.weight",
          "mlp.up_proj.weight",
          "mlp.down_proj.weight",
          "self_attn.q_proj.bias",
          "self_attn.k_proj.bias",
          "self_attn.v_proj.bias");

  /// In the order of a block's own names.
  private static final List<String> OPT =
      List.of(
          "self_attn_layer_norm.weight",
          "self_attn_layer_norm.bias",
          "self_attn.q_proj.weight",
          "self_attn.k_proj.weight",
          "self_attn.v_proj.weight",
          "self_attn.out_proj.weight",
          "final_layer_norm.weight",
          "final_layer_norm.bias",
          "fc1.weight",
          "fc2.weight",
          "self_attn.q_proj.bias",
          "self_attn.k_proj.bias",
          "self_attn.v_proj.bias",
          "self_attn.out_proj.bias",
          "fc1.bias",
          "fc2.bias");

  private LanguageNames() {}

  /// A decoder's weights under what stands before them, such as `language_model.` in a LLaVA model.
  public static Layout of(Decoder decoder, String before) {
    return switch (decoder) {
      case Llama llama -> llama(llama, before);
      case Opt opt -> opt(opt, before);
    };
  }

  /// A decoder's weights in a folder of its own.
  public static Layout of(Decoder decoder) {
    return of(decoder, "");
  }

  /// The weights of encoder and decoder under what stands before them, such as `language_model.` in
  /// a BLIP-2 model.
  public static Layout of(T5 model, String before) {
    return T5Names.of(model, before);
  }

  private static Layout llama(Llama model, String before) {
    NameTable names = new NameTable();
    names.copy(model.table(), before + "model.embed_tokens.weight");
    for (int layer = 0; layer < model.spec().layers(); layer++) {
      List<String> own = model.names(layer);
      for (int i = 0; i < own.size(); i++) {
        names.copy(own.get(i), "%smodel.layers.%d.%s".formatted(before, layer, LLAMA.get(i)));
      }
    }
    names.copy(model.norm(), before + "model.norm.weight");
    if (model.spec().tied()) {
      // Some files hold the table a second time.
      return new Layout(
          "a decoder of Hugging Face", names.rules(), Set.of(), Set.of(before + "lm_head."));
    }
    names.copy(model.head(), before + "lm_head.weight");
    return new Layout("a decoder of Hugging Face", names.rules(), Set.of(), Set.of());
  }

  private static Layout opt(Opt model, String before) {
    NameTable names = new NameTable();
    String decoder = before + "model.decoder.";
    names.copy(model.table(), decoder + "embed_tokens.weight");
    names.copy(model.positions(), decoder + "embed_positions.weight");
    for (int layer = 0; layer < model.spec().layers(); layer++) {
      List<String> own = model.names(layer);
      for (int i = 0; i < own.size(); i++) {
        names.copy(own.get(i), "%slayers.%d.%s".formatted(decoder, layer, OPT.get(i)));
      }
    }
    names.copy(model.norm().getFirst(), decoder + "final_layer_norm.weight");
    names.copy(model.norm().getLast(), decoder + "final_layer_norm.bias");
    // Some files hold the table a second time.
    return new Layout(
        "an OPT model of Hugging Face", names.rules(), Set.of(), Set.of(before + "lm_head."));
  }
}
