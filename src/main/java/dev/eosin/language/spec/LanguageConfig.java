package dev.eosin.language.spec;

import dev.eosin.config.DataException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// What a folder's `config.json` says of a language model.
///
/// Source: transformers 5.18 `configuration_*.py`; the older spelling of rotary options is read as
/// well.
///
/// @param spec its architecture
/// @param ids that it gives a meaning
public record LanguageConfig(LanguageSpec spec, SpecialIds ids) {
  private static final List<String> KINDS = List.of("llama", "mistral", "qwen2", "opt", "t5");

  /// What changes no result here: how tensors are stored, what Python returns, first values of
  /// trainings from scratch, labels of classifiers.
  public static final Set<String> NEUTRAL =
      Set.of(
          "_name_or_path",
          "_attn_implementation_autoset",
          "architectures",
          "chunk_size_feed_forward",
          "dtype",
          "id2label",
          "initializer_range",
          "is_encoder_decoder",
          "label2id",
          "output_attentions",
          "output_hidden_states",
          "problem_type",
          "return_dict",
          "torch_dtype",
          "transformers_version",
          "unsloth_version",
          "use_cache",
          "use_return_dict");

  /// @param file `config.json`
  /// @throws DataException naming the file and the option that is missing, wrong or not computed
  ///   here
  public static LanguageConfig read(Path file) throws DataException {
    return read(ConfigFields.open(file));
  }

  /// A language model within another, such as `text_config` of a BLIP-2 model; the other's own
  /// fields are not looked at. There transformers leaves out what equals its defaults.
  ///
  /// @param file `config.json`
  /// @param field that describes the language model
  /// @throws DataException naming the file and the option that is missing, wrong or not computed
  ///   here
  public static LanguageConfig within(Path file, String field) throws DataException {
    return within(ConfigFields.open(file), field);
  }

  /// As [#within(Path, String)], of options that are read already.
  public static LanguageConfig within(ConfigFields fields, String field) throws DataException {
    ConfigFields within =
        fields
            .object(field)
            .orElseThrow(() -> fields.wrong(field, "what describes a language model"));
    return read(within.or(OldOptions.unsaid(within.text("model_type"))));
  }

  private static LanguageConfig read(ConfigFields fields) throws DataException {
    return read(fields, fields.text("model_type"));
  }

  /// A language model whose `model_type` names what was built around it.
  ///
  /// @param fields of which everything else has been asked for
  /// @param kind of the language model, as `model_type` would say it
  /// @throws DataException naming the file and the option that is missing, wrong or not computed
  ///   here
  public static LanguageConfig read(ConfigFields fields, String kind) throws DataException {
    fields.ignore(Set.of("model_type"));
    fields.ignore(NEUTRAL);
    fields.requireOnly("quantization_config", "null");
    OldOptions.require(fields);
    LanguageSpec spec =
        switch (kind) {
          case "llama", "mistral", "qwen2" -> llama(fields, kind);
          case "opt" -> OptConfig.read(fields);
          case "t5" -> T5Config.read(fields);
          default -> throw fields.wrong("model_type", "one of " + String.join(", ", KINDS));
        };
    SpecialIds ids = ids(fields, spec.vocabulary());
    fields.requireNothingElse();
    return new LanguageConfig(spec, ids);
  }

  private static LlamaSpec llama(ConfigFields fields, String kind) throws DataException {
    fields.requireOnly("hidden_act", "silu");
    fields.requireOnly("attention_bias", "false");
    fields.requireOnly("mlp_bias", "false");
    fields.requireOnly("attention_dropout", "0");
    fields.requireOnly("pretraining_tp", "1");
    fields.requireOnly("rope_interleaved", "false");
    fields.requireOnly("use_mrope", "false");
    fields.ignore(Set.of("is_llama_config"));
    int width = fields.size("hidden_size");
    int heads = fields.size("num_attention_heads");
    int layers = fields.size("num_hidden_layers");
    boolean qwen = kind.equals("qwen2");
    try {
      return new LlamaSpec(
          fields.size("vocab_size"),
          width,
          layers,
          heads,
          fields.sizeOr("num_key_value_heads", kind.equals("mistral") ? 8 : heads),
          fields.sizeOr("head_dim", width / heads),
          fields.size("intermediate_size"),
          qwen,
          fields.flag("tie_word_embeddings", false),
          window(fields, kind, layers),
          fields.numberOr("rms_norm_eps", 1e-6),
          rotary(fields),
          fields.sizeOr("max_position_embeddings", kind.equals("llama") ? 2048 : 32768));
    } catch (IllegalArgumentException e) {
      throw new DataException(fields.file() + ": " + e.getMessage(), e);
    }
  }

  /// Mistral's window holds in every layer; Qwen2's only where a flag says so, and then in the
  /// layers above `max_window_layers`.
  private static OptionalInt window(ConfigFields fields, String kind, int layers)
      throws DataException {
    List<String> types = fields.texts("layer_types");
    switch (kind) {
      case "mistral" -> {
        if (types.contains("full_attention") && types.contains("sliding_attention")) {
          throw fields.wrong("layer_types", "layers of one kind");
        }
        return fields.has("sliding_window") && !types.contains("full_attention")
            ? OptionalInt.of(fields.size("sliding_window"))
            : OptionalInt.empty();
      }
      case "qwen2" -> {
        fields.ignore(Set.of("sliding_window"));
        boolean slides =
            fields.flag("use_sliding_window", false)
                && fields.sizeOr("max_window_layers", layers) < layers;
        fields.ignore(Set.of("max_window_layers"));
        if (slides || types.contains("sliding_attention")) {
          throw fields.wrong(
              types.isEmpty() ? "use_sliding_window" : "layer_types",
              "full attention in every layer, the only kind that is computed here for Qwen2");
        }
        return OptionalInt.empty();
      }
      default -> {
        if (types.contains("sliding_attention")) {
          throw fields.wrong("layer_types", "full attention in every layer");
        }
        return OptionalInt.empty();
      }
    }
  }

  private static Rotary rotary(ConfigFields fields) throws DataException {
    ConfigFields own = fields.object("rope_parameters").orElse(null);
    ConfigFields old = fields.object("rope_scaling").orElse(null);
    if (own != null && old != null) {
      throw fields.wrong("rope_scaling", "either it or rope_parameters, not both");
    }
    ConfigFields scaling = own == null ? old : own;
    double otherwise = fields.numberOr("rope_theta", 10000);
    if (scaling == null) {
      return new Rotary(otherwise, new Rotary.Scaling.None());
    }
    double theta = scaling.numberOr("rope_theta", otherwise);
    Rotary rotary = new Rotary(theta, scaling(scaling));
    scaling.requireNothingElse();
    return rotary;
  }

  private static Rotary.Scaling scaling(ConfigFields fields) throws DataException {
    String field = fields.has("rope_type") ? "rope_type" : "type";
    fields.ignore(Set.of("type", "rope_type"));
    return switch (fields.text(field)) {
      case "default" -> new Rotary.Scaling.None();
      case "linear" -> new Rotary.Scaling.Linear(fields.number("factor"));
      case "llama3" ->
          new Rotary.Scaling.Llama3(
              fields.number("factor"),
              fields.number("low_freq_factor"),
              fields.number("high_freq_factor"),
              fields.size("original_max_position_embeddings"));
      default -> throw fields.wrong(field, "default, linear or llama3");
    };
  }

  private static SpecialIds ids(ConfigFields fields, int vocabulary) throws DataException {
    List<Integer> ends = fields.ids("eos_token_id");
    OptionalInt begin = id(fields, "bos_token_id");
    OptionalInt padding = id(fields, "pad_token_id");
    for (int end : ends) {
      if (end < 0 || end >= vocabulary) {
        throw fields.wrong("eos_token_id", "ids below vocab_size, %d".formatted(vocabulary));
      }
    }
    return new SpecialIds(begin, ends, padding);
  }

  /// LLaMA's first files say -1 where there is no padding.
  private static OptionalInt id(ConfigFields fields, String field) throws DataException {
    List<Integer> ids = fields.ids(field);
    if (ids.size() > 1) {
      throw fields.wrong(field, "one id");
    }
    return ids.isEmpty() || ids.getFirst() < 0
        ? OptionalInt.empty()
        : OptionalInt.of(ids.getFirst());
  }
}
