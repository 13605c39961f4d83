package dev.eosin.language.spec;

import dev.eosin.config.DataException;
import java.util.Set;

/// What `config.json` says of a [dev.eosin.language.T5].
final class T5Config {
  /// How its makers trained it, which changes nothing of what it computes, and defaults of their
  /// program's tasks.
  private static final Set<String> NEUTRAL =
      Set.of(
          "classifier_dropout",
          "dropout_rate",
          "initializer_factor",
          "output_past",
          "task_specific_params");

  private T5Config() {}

  static T5Spec read(ConfigFields fields) throws DataException {
    fields.ignore(NEUTRAL);
    fields.requireOnly("is_decoder", "false");
    String feedForward =
        fields.has("feed_forward_proj") ? fields.text("feed_forward_proj") : "relu";
    T5Gate gated =
        switch (feedForward) {
          case "gated-gelu" -> gelu(fields);
          case "relu" -> T5Gate.NONE;
          default -> throw fields.wrong("feed_forward_proj", "relu or gated-gelu");
        };
    if (!gated.gates()) {
      fields.requireOnly("dense_act_fn", gated.activation());
    }
    fields.requireOnly("is_gated_act", Boolean.toString(gated.gates()));
    boolean tied = fields.flag("tie_word_embeddings", true);
    // Newer transformers say it apart; until then it went with the tie.
    fields.requireOnly("scale_decoder_outputs", Boolean.toString(tied));
    int layers = fields.size("num_layers");
    try {
      return new T5Spec(
          fields.size("vocab_size"),
          fields.size("d_model"),
          layers,
          fields.sizeOr("num_decoder_layers", layers),
          fields.size("num_heads"),
          fields.size("d_kv"),
          fields.size("d_ff"),
          gated,
          tied,
          fields.sizeOr("relative_attention_num_buckets", 32),
          fields.sizeOr("relative_attention_max_distance", 128),
          fields.numberOr("layer_norm_epsilon", 1e-6),
          fields.size(
              fields.has("decoder_start_token_id") ? "decoder_start_token_id" : "pad_token_id", 0),
          fields.sizeOr("n_positions", 512));
    } catch (IllegalArgumentException e) {
      throw new DataException(fields.file() + ": " + e.getMessage(), e);
    }
  }

  /// `gated-gelu` alone means the tanh form; what LAVIS made says `gelu` besides, the exact one.
  private static T5Gate gelu(ConfigFields fields) throws DataException {
    String said = fields.has("dense_act_fn") ? fields.text("dense_act_fn") : "gelu_new";
    return switch (said) {
      case "gelu_new" -> T5Gate.TANH;
      case "gelu" -> T5Gate.EXACT;
      default -> throw fields.wrong("dense_act_fn", "gelu_new or gelu");
    };
  }
}
