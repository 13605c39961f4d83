package dev.eosin.language.generation;

import java.util.Map;
import java.util.Set;

/// Options of transformers' `GenerationConfig` that Eosin does not honour.
final class ForeignOptions {
  /// They say how something is computed, kept or given back, not what comes out.
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "transformers_version",
          "_from_model_config",
          "_commit_hash",
          "use_cache",
          "cache_implementation",
          "cache_config",
          "max_cache_len",
          "return_legacy_cache",
          "low_memory",
          "prefill_chunk_size",
          "compile_config",
          "disable_compile",
          "continuous_batching_config",
          "output_attentions",
          "output_hidden_states",
          "output_scores",
          "output_logits",
          "return_dict_in_generate",
          // Speculation on a second model, which is given at the call; or on the prompt.
          "is_assistant",
          "num_assistant_tokens",
          "num_assistant_tokens_schedule",
          "assistant_confidence_threshold",
          "assistant_early_exit",
          "assistant_lookbehind",
          "target_lookbehind",
          "assistant_ensemble_weight",
          "speculation_type",
          "prompt_lookup_num_tokens",
          "max_matching_ngram_size");

  /// As JSON has it, the value at which an option changes nothing.
  private static final Map<String, String> NEUTRAL =
      Map.ofEntries(
          Map.entry("min_length", "0"),
          Map.entry("min_p", "0"),
          Map.entry("typical_p", "1"),
          Map.entry("epsilon_cutoff", "0"),
          Map.entry("eta_cutoff", "0"),
          Map.entry("encoder_repetition_penalty", "1"),
          Map.entry("encoder_no_repeat_ngram_size", "0"),
          Map.entry("diversity_penalty", "0"),
          Map.entry("num_beam_groups", "1"),
          Map.entry("guidance_scale", "1"),
          Map.entry("penalty_alpha", "0"),
          Map.entry("renormalize_logits", "false"),
          Map.entry("remove_invalid_values", "false"),
          Map.entry("token_healing", "false"),
          Map.entry("use_mtp", "false"),
          Map.entry("suppress_tokens", "[]"),
          Map.entry("begin_suppress_tokens", "[]"),
          Map.entry("bad_words_ids", "[]"));

  private ForeignOptions() {}

  /// @param value as JSON, whole numbers without a point
  static boolean changesNothing(String option, String value) {
    return value.equals("null")
        || WITHOUT_EFFECT.contains(option)
        || value.equals(NEUTRAL.get(option));
  }
}
