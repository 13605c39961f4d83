package dev.eosin.language.spec;

import dev.eosin.config.DataException;
import java.util.Map;
import java.util.Set;

/// What transformers before 5 wrote into every description, also into those within others: options
/// of generation and of training, as they are where nobody chose them.
///
/// Source: transformers 4.27 `configuration_utils.py`, `configuration_opt.py`, `_llama.py`,
/// `_t5.py`.
public final class OldOptions {
  private static final Set<String> NEUTRAL =
      Set.of(
          "finetuning_task",
          "max_sequence_length",
          "output_scores",
          "return_dict_in_generate",
          "sep_token_id",
          "task_specific_params",
          "tf_legacy_loss",
          "tokenizer_class",
          "torchscript",
          "use_bfloat16");

  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("add_cross_attention", "false"),
          Map.entry("bad_words_ids", "null"),
          Map.entry("begin_suppress_tokens", "null"),
          Map.entry("cross_attention_hidden_size", "null"),
          Map.entry("diversity_penalty", "0"),
          Map.entry("do_sample", "false"),
          Map.entry("early_stopping", "false"),
          Map.entry("encoder_no_repeat_ngram_size", "0"),
          Map.entry("exponential_decay_length_penalty", "null"),
          Map.entry("forced_bos_token_id", "null"),
          Map.entry("forced_eos_token_id", "null"),
          Map.entry("is_decoder", "false"),
          Map.entry("length_penalty", "1"),
          Map.entry("max_length", "20"),
          Map.entry("min_length", "0"),
          Map.entry("no_repeat_ngram_size", "0"),
          Map.entry("num_beam_groups", "1"),
          Map.entry("num_beams", "1"),
          Map.entry("num_return_sequences", "1"),
          Map.entry("pruned_heads", "{}"),
          Map.entry("remove_invalid_values", "false"),
          Map.entry("repetition_penalty", "1"),
          Map.entry("suppress_tokens", "null"),
          Map.entry("temperature", "1"),
          Map.entry("tie_encoder_decoder", "false"),
          Map.entry("top_k", "50"),
          Map.entry("top_p", "1"),
          Map.entry("typical_p", "1"));

  private OldOptions() {}

  /// @throws DataException naming an option that somebody chose
  public static void require(ConfigFields fields) throws DataException {
    fields.ignore(NEUTRAL);
    for (Map.Entry<String, String> option : DEFAULTS.entrySet()) {
      fields.requireOnly(option.getKey(), option.getValue());
    }
  }

  /// What a description within another means where it says nothing.
  ///
  /// @param kind `model_type`
  static Map<String, Integer> unsaid(String kind) {
    return switch (kind) {
      case "llama" ->
          Map.of(
              "vocab_size", 32000,
              "hidden_size", 4096,
              "intermediate_size", 11008,
              "num_hidden_layers", 32,
              "num_attention_heads", 32,
              "bos_token_id", 1,
              "eos_token_id", 2);
      case "mistral" ->
          Map.of(
              "vocab_size", 32000,
              "hidden_size", 4096,
              "intermediate_size", 14336,
              "num_hidden_layers", 32,
              "num_attention_heads", 32,
              "bos_token_id", 1,
              "eos_token_id", 2);
      case "qwen2" ->
          Map.of(
              "vocab_size", 151936,
              "hidden_size", 4096,
              "intermediate_size", 22016,
              "num_hidden_layers", 32,
              "num_attention_heads", 32);
      case "opt" ->
          Map.of(
              "vocab_size", 50272,
              "hidden_size", 768,
              "num_hidden_layers", 12,
              "ffn_dim", 3072,
              "num_attention_heads", 12,
              "pad_token_id", 1,
              "bos_token_id", 2,
              "eos_token_id", 2);
      case "t5" ->
          Map.of(
              "vocab_size", 32128,
              "d_model", 512,
              "d_kv", 64,
              "d_ff", 2048,
              "num_layers", 6,
              "num_heads", 8,
              "pad_token_id", 0,
              "eos_token_id", 1);
      default -> Map.of();
    };
  }
}
