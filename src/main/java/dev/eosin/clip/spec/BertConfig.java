package dev.eosin.clip.spec;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.nn.Dropout;
import dev.eosin.tower.BertText;
import dev.eosin.tower.Projection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The `text_cfg` of an open_clip configuration that names a BERT.
///
/// The encoder's sizes are those of `text_cfg.hf_model_config`, else of BERT's `config.json` beside
/// the configuration, else of the name.
public final class BertConfig {
  static final String NAME = "hf_model_name";
  private static final String SIZES = "hf_model_config";

  /// Both of transformers' dropouts, unless a configuration says otherwise.
  private static final double DROPOUT = 0.1;

  /// `vocab_size` and the like are overridden by the named model, as in open_clip; `pooler_type`
  /// and `proj` are older names.
  private static final Set<String> KEYS =
      Set.of(
          NAME,
          SIZES,
          "hf_model_pretrained",
          "hf_tokenizer_name",
          "hf_pooler_type",
          "hf_proj_type",
          "pooler_type",
          "proj",
          "proj_type",
          "tokenizer_kwargs",
          "context_length",
          "vocab_size",
          "width",
          "heads",
          "layers",
          "mlp_ratio");

  private static final BertText.Encoder UNCASED_BASE = base(30522);
  private static final BertText.Encoder CASED_BASE = base(28996);
  private static final Map<String, BertText.Encoder> KNOWN =
      new TreeMap<>(
          Map.of(
              "bert-base-uncased", UNCASED_BASE,
              "google-bert/bert-base-uncased", UNCASED_BASE,
              "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract", UNCASED_BASE,
              "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext", UNCASED_BASE,
              "microsoft/BiomedNLP-PubMedBERT-base-uncased-abstract", UNCASED_BASE,
              "microsoft/BiomedNLP-PubMedBERT-base-uncased-abstract-fulltext", UNCASED_BASE,
              "bert-base-cased", CASED_BASE,
              "google-bert/bert-base-cased", CASED_BASE,
              "emilyalsentzer/Bio_ClinicalBERT", CASED_BASE));

  private BertConfig() {}

  private static BertText.Encoder base(int vocabulary) {
    return new BertText.Encoder(
        512, vocabulary, 768, 12, 12, 3072, 2, 0, 1e-12, new Dropout(DROPOUT, DROPOUT));
  }

  /// The encoder that BiomedCLIP's text tower has.
  static BertText.Encoder base() {
    return UNCASED_BASE;
  }

  /// @param beside the `config.json` beside the configuration, where there is one
  static BertText read(JsonFields text, int embedSize, Optional<JsonFields> beside)
      throws DataException {
    text.refuseOthers(KEYS);
    String name = text.text(NAME, "");
    BertText.Encoder encoder = encoder(text, name, beside);
    Projection projection = projection(text);
    if (projection == Projection.NONE && encoder.hiddenSize() != embedSize) {
      throw text.problem(
          "hf_proj_type",
          "is missing, but the tower's width is %d and embed_dim %d; 'linear' or 'mlp' is expected"
              .formatted(encoder.hiddenSize(), embedSize));
    }
    return new BertText(name, text.integer("context_length", 77), encoder, pool(text), projection);
  }

  private static BertText.Encoder encoder(JsonFields text, String name, Optional<JsonFields> beside)
      throws DataException {
    if (text.has(SIZES)) {
      return encoder(text.object(SIZES));
    }
    if (beside.isPresent() && beside.get().text("model_type", "").equals("bert")) {
      return encoder(beside.get());
    }
    BertText.Encoder known = KNOWN.get(name);
    if (known == null) {
      throw text.problem(
          NAME,
          "is '%s', which is not known here; known are %s; for another model of BERT kind put its config.json beside this file, or its contents into text_cfg.%s (hidden_size, num_hidden_layers, num_attention_heads, intermediate_size, vocab_size, max_position_embeddings, layer_norm_eps)"
              .formatted(name, String.join(", ", KNOWN.keySet()), SIZES));
    }
    return known;
  }

  /// transformers' BertConfig with its defaults.
  private static BertText.Encoder encoder(JsonFields bert) throws DataException {
    requireText(bert, "model_type", "bert");
    requireText(bert, "hidden_act", "gelu");
    requireText(bert, "position_embedding_type", "absolute");
    if (bert.flag("is_decoder")) {
      throw bert.problem("is_decoder", "is true; only encoders are supported");
    }
    return new BertText.Encoder(
        bert.integer("max_position_embeddings", 512),
        bert.integer("vocab_size", 30522),
        bert.integer("hidden_size", 768),
        bert.integer("num_hidden_layers", 12),
        bert.integer("num_attention_heads", 12),
        bert.integer("intermediate_size", 3072),
        bert.integer("type_vocab_size", 2),
        bert.integer("pad_token_id", 0),
        bert.number("layer_norm_eps", 1e-12),
        new Dropout(
            bert.number("hidden_dropout_prob", DROPOUT),
            bert.number("attention_probs_dropout_prob", DROPOUT)));
  }

  private static void requireText(JsonFields bert, String key, String only) throws DataException {
    String found = bert.text(key, only);
    if (!found.equals(only)) {
      throw bert.problem(key, "is '%s'; only '%s' is supported".formatted(found, only));
    }
  }

  private static Projection projection(JsonFields text) throws DataException {
    String name = text.text("hf_proj_type", text.text("proj", ""));
    return switch (name) {
      case "" -> Projection.NONE;
      case "linear" -> Projection.LINEAR;
      case "mlp" -> Projection.MLP;
      default ->
          throw text.problem(
              "hf_proj_type", "is '%s'; 'linear' or 'mlp' is expected".formatted(name));
    };
  }

  /// open_clip builds BERT's pooler only where `cls_pooler` is written down.
  private static BertText.Pool pool(JsonFields text) throws DataException {
    String name = text.text("hf_pooler_type", text.text("pooler_type", ""));
    return switch (name) {
      case "", "cls_last_hidden_state_pooler" -> BertText.Pool.FIRST_TOKEN;
      case "cls_pooler" -> BertText.Pool.POOLER;
      case "mean_pooler" -> BertText.Pool.MEAN;
      default ->
          throw text.problem(
              "hf_pooler_type",
              "is '%s'; 'cls_last_hidden_state_pooler', 'cls_pooler' or 'mean_pooler' is expected"
                  .formatted(name));
    };
  }

  static void write(BertText text, ObjectNode language) {
    language.put(NAME, text.name());
    language.put("hf_model_pretrained", false);
    language.put("hf_tokenizer_name", text.name());
    language.put(
        "hf_pooler_type",
        switch (text.pool()) {
          case FIRST_TOKEN -> "cls_last_hidden_state_pooler";
          case POOLER -> "cls_pooler";
          case MEAN -> "mean_pooler";
        });
    switch (text.projection()) {
      case NONE -> {}
      case LINEAR -> language.put("hf_proj_type", "linear");
      case MLP -> language.put("hf_proj_type", "mlp");
    }
    language.put("context_length", text.context());
  }

  /// BERT's own `config.json`, which belongs beside the configuration.
  public static ObjectNode encoder(BertText text) {
    BertText.Encoder encoder = text.encoder();
    ObjectNode bert = JsonNodeFactory.instance.objectNode();
    bert.putArray("architectures").add("BertModel");
    bert.put("model_type", "bert");
    bert.put("hidden_act", "gelu");
    bert.put("hidden_size", encoder.hiddenSize());
    bert.put("num_hidden_layers", encoder.layers());
    bert.put("num_attention_heads", encoder.heads());
    bert.put("intermediate_size", encoder.mlpSize());
    bert.put("vocab_size", encoder.vocabulary());
    bert.put("max_position_embeddings", encoder.positions());
    bert.put("type_vocab_size", encoder.tokenTypes());
    bert.put("pad_token_id", encoder.padding());
    bert.put("layer_norm_eps", encoder.normEpsilon());
    bert.put("hidden_dropout_prob", encoder.dropout().hidden());
    bert.put("attention_probs_dropout_prob", encoder.dropout().attention());
    return bert;
  }
}
