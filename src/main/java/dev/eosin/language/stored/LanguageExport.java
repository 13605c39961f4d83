package dev.eosin.language.stored;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.WeightFiles;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.FileContent;
import dev.eosin.language.Decoder;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.OptSpec;
import dev.eosin.language.spec.Rotary;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.language.spec.T5Spec;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;

/// Writes a decoder as a folder that transformers opens.
public final class LanguageExport {
  private LanguageExport() {}

  /// @param config that describes it
  /// @param decoder without adapters
  /// @param weights by Eosin's names, made when their turn comes
  /// @param dtype of the weights, in Hugging Face's word
  /// @param text the tokenizer's files and what else belongs to text, by name
  /// @throws DataException when the folder cannot be written; an existing one is then untouched
  public static void write(
      Path folder,
      LanguageConfig config,
      Decoder decoder,
      Map<String, PendingTensor> weights,
      String dtype,
      Map<String, FileContent> text)
      throws DataException {
    write(folder, config, decoder, weights, dtype, text, OptionalLong.empty());
  }

  /// As above, the weights divided into files.
  ///
  /// @param shardBytes most bytes of weights in a file
  public static void write(
      Path folder,
      LanguageConfig config,
      Decoder decoder,
      Map<String, PendingTensor> weights,
      String dtype,
      Map<String, FileContent> text,
      OptionalLong shardBytes)
      throws DataException {
    try (AtomicFolder out = AtomicFolder.begin(folder)) {
      WeightFiles.write(
          out, LanguageNames.of(decoder).writePending(weights, Map.of("format", "pt")), shardBytes);
      ObjectNode json = described(config);
      json.put("dtype", dtype);
      json.put("torch_dtype", dtype);
      out.write(LanguageFolder.CONFIG, FileContent.text(json.toPrettyString() + "\n"));
      for (Map.Entry<String, FileContent> file : text.entrySet()) {
        out.write(file.getKey(), file.getValue());
      }
      out.commit();
    } catch (UncheckedIOException e) {
      throw e.getCause() instanceof DataException said
          ? said
          : new DataException(String.valueOf(e.getMessage()), e);
    }
  }

  /// `config.json`, in the spelling that the oldest versions of transformers read, too.
  public static ObjectNode described(LanguageConfig config) {
    ObjectNode json =
        switch (config.spec()) {
          case LlamaSpec spec -> llama(spec);
          case OptSpec spec -> opt(spec);
          case T5Spec spec -> t5(spec);
        };
    ids(json, config.ids());
    return json;
  }

  private static ObjectNode opt(OptSpec spec) {
    ObjectNode json = new JsonMapper().createObjectNode();
    json.putArray("architectures").add("OPTForCausalLM");
    json.put("model_type", "opt");
    json.put("vocab_size", spec.vocabulary());
    json.put("hidden_size", spec.width());
    json.put("word_embed_proj_dim", spec.width());
    json.put("num_hidden_layers", spec.layers());
    json.put("num_attention_heads", spec.heads());
    json.put("ffn_dim", spec.mlpWidth());
    json.put("max_position_embeddings", spec.context());
    json.put("activation_function", "relu");
    json.put("do_layer_norm_before", true);
    json.put("tie_word_embeddings", true);
    return json;
  }

  private static ObjectNode t5(T5Spec spec) {
    ObjectNode json = new JsonMapper().createObjectNode();
    json.putArray("architectures").add("T5ForConditionalGeneration");
    json.put("model_type", "t5");
    json.put("is_encoder_decoder", true);
    json.put("vocab_size", spec.vocabulary());
    json.put("d_model", spec.width());
    json.put("d_kv", spec.headWidth());
    json.put("d_ff", spec.mlpWidth());
    json.put("num_layers", spec.encoderLayers());
    json.put("num_decoder_layers", spec.layers());
    json.put("num_heads", spec.heads());
    json.put("feed_forward_proj", spec.gated().gates() ? "gated-gelu" : "relu");
    json.put("dense_act_fn", spec.gated().activation());
    json.put("is_gated_act", spec.gated().gates());
    json.put("relative_attention_num_buckets", spec.buckets());
    json.put("relative_attention_max_distance", spec.farthest());
    json.put("layer_norm_epsilon", spec.normEpsilon());
    json.put("n_positions", spec.context());
    json.put("tie_word_embeddings", spec.tied());
    json.put("scale_decoder_outputs", spec.tied());
    json.put("decoder_start_token_id", spec.start());
    return json;
  }

  private static ObjectNode llama(LlamaSpec spec) {
    ObjectNode json = new JsonMapper().createObjectNode();
    String kind = spec.biased() ? "qwen2" : spec.window().isPresent() ? "mistral" : "llama";
    json.putArray("architectures")
        .add(
            switch (kind) {
              case "qwen2" -> "Qwen2ForCausalLM";
              case "mistral" -> "MistralForCausalLM";
              default -> "LlamaForCausalLM";
            });
    json.put("model_type", kind);
    json.put("vocab_size", spec.vocabulary());
    json.put("hidden_size", spec.width());
    json.put("num_hidden_layers", spec.layers());
    json.put("num_attention_heads", spec.heads());
    json.put("num_key_value_heads", spec.groups());
    json.put("head_dim", spec.headWidth());
    json.put("intermediate_size", spec.mlpWidth());
    json.put("hidden_act", "silu");
    json.put("rms_norm_eps", spec.normEpsilon());
    json.put("max_position_embeddings", spec.context());
    json.put("rope_theta", spec.rotary().theta());
    scaling(json, spec.rotary());
    json.put("tie_word_embeddings", spec.tied());
    spec.window().ifPresent(window -> json.put("sliding_window", window));
    if (kind.equals("llama")) {
      json.put("attention_bias", false);
      json.put("mlp_bias", false);
    }
    return json;
  }

  private static void scaling(ObjectNode json, Rotary rotary) {
    switch (rotary.scaling()) {
      case Rotary.Scaling.None() -> {}
      case Rotary.Scaling.Linear(double factor) ->
          json.putObject("rope_scaling").put("rope_type", "linear").put("factor", factor);
      case Rotary.Scaling.Llama3(double factor, double low, double high, int original) ->
          json.putObject("rope_scaling")
              .put("rope_type", "llama3")
              .put("factor", factor)
              .put("low_freq_factor", low)
              .put("high_freq_factor", high)
              .put("original_max_position_embeddings", original);
    }
  }

  private static void ids(ObjectNode json, SpecialIds ids) {
    ids.begin()
        .ifPresentOrElse(id -> json.put("bos_token_id", id), () -> json.putNull("bos_token_id"));
    if (ids.ends().size() == 1) {
      json.put("eos_token_id", ids.ends().getFirst());
    } else {
      ids.ends().forEach(json.putArray("eos_token_id")::add);
    }
    ids.padding().ifPresent(id -> json.put("pad_token_id", id));
  }
}
