package dev.eosin.language.stored;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.NameTable;
import dev.eosin.language.Decoder;
import dev.eosin.language.Llama;
import dev.eosin.language.Opt;
import dev.eosin.language.T5;
import dev.eosin.language.T5Decoder;
import dev.eosin.language.TokenPart;
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
    return of(decoder, before + "model.", before + "lm_head.");
  }

  /// As [#of(Decoder, String)] where blocks and head do not begin alike.
  ///
  /// @param body before the blocks' names, such as `model.language_model.`
  /// @param head before the head's `weight`, such as `lm_head.`
  public static Layout of(Decoder decoder, String body, String head) {
    return switch (decoder) {
      case Llama llama -> llama(llama, body, head);
      case Opt opt -> opt(opt, body, head);
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

  /// The weights of a model in a folder of its own, whichever kind it is.
  static Layout ofAny(TokenPart part) {
    return switch (part) {
      case Decoder decoder -> of(decoder);
      case T5Decoder decoder -> of(decoder.model(), "");
    };
  }

  private static Layout llama(Llama model, String body, String head) {
    NameTable names = new NameTable();
    names.copy(model.table(), body + "embed_tokens.weight");
    for (int layer = 0; layer < model.spec().layers(); layer++) {
      List<String> own = model.names(layer);
      for (int i = 0; i < own.size(); i++) {
        names.copy(own.get(i), "%slayers.%d.%s".formatted(body, layer, LLAMA.get(i)));
      }
    }
    names.copy(model.norm(), body + "norm.weight");
    if (model.spec().tied()) {
      // Some files hold the table a second time.
      return new Layout("a decoder of Hugging Face", names.rules(), Set.of(), Set.of(head));
    }
    names.copy(model.head(), head + "weight");
    return new Layout("a decoder of Hugging Face", names.rules(), Set.of(), Set.of());
  }

  private static Layout opt(Opt model, String body, String head) {
    NameTable names = new NameTable();
    String decoder = body + "decoder.";
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
    return new Layout("an OPT model of Hugging Face", names.rules(), Set.of(), Set.of(head));
  }
}
