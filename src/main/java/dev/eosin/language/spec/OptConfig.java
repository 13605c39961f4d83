package dev.eosin.language.spec;

import dev.eosin.config.DataException;
import java.util.Set;

/// What `config.json` says of an [dev.eosin.language.Opt].
final class OptConfig {
  /// How its makers trained it, which changes nothing of what it computes, and what their program
  /// puts before texts, which tokenizers do themselves.
  private static final Set<String> NEUTRAL =
      Set.of(
          "activation_dropout", "attention_dropout", "dropout", "init_std", "layerdrop", "prefix");

  private OptConfig() {}

  static OptSpec read(ConfigFields fields) throws DataException {
    fields.ignore(NEUTRAL);
    fields.requireOnly("activation_function", "relu");
    fields.requireOnly("do_layer_norm_before", "true");
    fields.requireOnly("enable_bias", "true");
    fields.requireOnly("layer_norm_elementwise_affine", "true");
    fields.requireOnly("_remove_final_layer_norm", "false");
    fields.requireOnly("tie_word_embeddings", "true");
    int width = fields.size("hidden_size");
    if (fields.sizeOr("word_embed_proj_dim", width) != width) {
      throw fields.wrong(
          "word_embed_proj_dim",
          "hidden_size, %d: embeddings of another width are not computed here".formatted(width));
    }
    try {
      return new OptSpec(
          fields.size("vocab_size"),
          width,
          fields.size("num_hidden_layers"),
          fields.size("num_attention_heads"),
          fields.size("ffn_dim"),
          fields.sizeOr("max_position_embeddings", 2048));
    } catch (IllegalArgumentException e) {
      throw new DataException(fields.file() + ": " + e.getMessage(), e);
    }
  }
}
