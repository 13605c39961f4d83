package dev.eosin.qformer;

import dev.eosin.config.DataException;
import dev.eosin.language.spec.ConfigFields;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.OldOptions;
import dev.eosin.nn.Dropout;
import dev.eosin.tower.TimmImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/// What `config.json` says of a model of BLIP-2 or InstructBLIP. Options that are not there mean
/// what transformers takes them for; those that nothing here honours are refused.
///
/// Source: transformers 5.18 and 4.27 `configuration_blip_2.py`, `configuration_instructblip.py`.
///
/// @param kind which model it is
/// @param tower of the image, of EVA's kind, up to the block that is read; none where the tower is
///   of another kind, which transformers' models do not know
/// @param qformer with words where it reads text
/// @param embedSize d of the first stage
/// @param normEpsilon of the norm behind the tower, trained or not
/// @param language of the second stage; none for the first, whatever the file says
/// @param imageToken id in whose places the image's tokens stand, where the file names one
public record QFormerConfig(
    QFormerKind kind,
    Optional<TimmImage> tower,
    QFormerSpec qformer,
    OptionalInt embedSize,
    double normEpsilon,
    Optional<LanguageConfig> language,
    OptionalInt imageToken) {
  /// The epsilon of the norm behind a tower of transformers; LAVIS has 1e-5 there.
  public static final double NORM_EPSILON = 1e-6;

  /// Within a description they change no result.
  private static final Set<String> NEUTRAL =
      Set.of(
          "attention_dropout",
          "bos_token_id",
          "decoder_start_token_id",
          "drop_path_rate",
          "dropout",
          "eos_token_id",
          "initializer_factor",
          "initializer_range",
          "model_type",
          "pad_token_id",
          "prefix",
          "projection_dim",
          "tie_word_embeddings");

  /// What transformers takes a tower for that says nothing: EVA-ViT-g.
  private static final Map<String, Integer> TOWER =
      Map.of(
          "hidden_size", 1408,
          "intermediate_size", 6144,
          "num_hidden_layers", 39,
          "num_attention_heads", 16,
          "image_size", 224,
          "patch_size", 14);

  private static final Map<String, Integer> QFORMER =
      Map.of(
          "vocab_size", 30522,
          "hidden_size", 768,
          "num_hidden_layers", 12,
          "num_attention_heads", 12,
          "intermediate_size", 3072,
          "max_position_embeddings", 512,
          "cross_attention_frequency", 2,
          "encoder_hidden_size", 1408);

  private static final int QUERIES = 32;
  private static final int EMBED_SIZE = 256;

  /// @param file `config.json`
  /// @throws DataException naming the file and the option that is missing, wrong or not computed
  ///   here
  public static QFormerConfig read(Path file) throws DataException {
    return read(ConfigFields.open(file), false);
  }

  /// @param otherTower whether the description may leave out the tower
  static QFormerConfig read(ConfigFields fields, boolean otherTower) throws DataException {
    QFormerKind kind = kind(fields);
    fields.ignore(LanguageConfig.NEUTRAL);
    fields.ignore(NEUTRAL);
    fields.ignore(Set.of("use_decoder_only_language_model", "text_config"));
    fields.requireOnly("quantization_config", "null");
    OldOptions.require(fields);
    int queries = fields.sizeOr("num_query_tokens", QUERIES);
    int size = fields.sizeOr("image_text_hidden_size", EMBED_SIZE);
    OptionalInt embedSize = kind.answers() ? OptionalInt.empty() : OptionalInt.of(size);
    Optional<TimmImage> tower =
        otherTower && !fields.has("vision_config")
            ? Optional.empty()
            : Optional.of(tower(part(fields, "vision_config", TOWER)));
    QFormerSpec qformer = qformer(part(fields, "qformer_config", QFORMER), kind, queries);
    if (tower.isPresent() && qformer.imageWidth() != tower.get().hiddenSize()) {
      throw fields.wrong(
          "qformer_config",
          "an encoder_hidden_size of %d, the tower's hidden_size"
              .formatted(tower.get().hiddenSize()));
    }
    Optional<LanguageConfig> language =
        kind.answers()
            ? Optional.of(LanguageConfig.within(fields, "text_config"))
            : Optional.empty();
    OptionalInt token = imageToken(fields);
    fields.requireNothingElse();
    return new QFormerConfig(kind, tower, qformer, embedSize, NORM_EPSILON, language, token);
  }

  /// The same with another norm behind the tower.
  QFormerConfig with(double epsilon) {
    return new QFormerConfig(kind, tower, qformer, embedSize, epsilon, language, imageToken);
  }

  /// The same with places for images.
  ///
  /// @param id of `<image>`, as [QFormerProcessor#imageToken] finds it
  public QFormerConfig withImageToken(int id) {
    return new QFormerConfig(
        kind, tower, qformer, embedSize, normEpsilon, language, OptionalInt.of(id));
  }

  /// The same with a language model that has an entry for the image's id.
  QFormerConfig withRoom() {
    if (language.isEmpty() || imageToken.isEmpty()) {
      return this;
    }
    LanguageConfig own = language.get();
    int entries = Math.max(own.spec().vocabulary(), imageToken.getAsInt() + 1);
    var longer = new LanguageConfig(own.spec().withVocabulary(entries), own.ids());
    return new QFormerConfig(
        kind, tower, qformer, embedSize, normEpsilon, Optional.of(longer), imageToken);
  }

  private static QFormerKind kind(ConfigFields fields) throws DataException {
    List<String> architectures = fields.texts("architectures");
    String known = "one of " + String.join(", ", QFormerKind.architectures());
    if (architectures.size() != 1) {
      throw fields.wrong("architectures", known);
    }
    QFormerKind kind =
        QFormerKind.of(architectures.getFirst())
            .orElseThrow(() -> fields.wrong("architectures", known));
    if (!fields.text("model_type").equals(kind.type())) {
      throw fields.wrong("model_type", kind.type() + ", as its architectures say");
    }
    return kind;
  }

  private static OptionalInt imageToken(ConfigFields fields) throws DataException {
    String name = fields.has("image_token_id") ? "image_token_id" : "image_token_index";
    fields.ignore(Set.of("image_token_id", "image_token_index"));
    return fields.has(name) ? OptionalInt.of(fields.size(name, 0)) : OptionalInt.empty();
  }

  private static ConfigFields part(ConfigFields fields, String name, Map<String, Integer> otherwise)
      throws DataException {
    ConfigFields part =
        fields
            .object(name)
            .orElseThrow(() -> fields.wrong(name, "what describes a part of the model"))
            .or(otherwise);
    part.ignore(LanguageConfig.NEUTRAL);
    part.ignore(NEUTRAL);
    part.requireOnly("hidden_act", "gelu");
    OldOptions.require(part);
    return part;
  }

  private static TimmImage tower(ConfigFields fields) throws DataException {
    fields.requireOnly("num_channels", "3");
    fields.requireOnly("qkv_bias", "true");
    fields.requireOnly("layer_norm_eps", Double.toString(NORM_EPSILON));
    int size = fields.size("image_size");
    try {
      TimmImage tower =
          EvaNames.image(
              new TimmImage.Trunk(
                  size,
                  size,
                  fields.size("patch_size"),
                  fields.size("hidden_size"),
                  fields.size("num_hidden_layers"),
                  fields.size("num_attention_heads"),
                  fields.size("intermediate_size"),
                  false,
                  OptionalDouble.empty(),
                  0,
                  false));
      fields.requireNothingElse();
      return tower;
    } catch (IllegalArgumentException e) {
      throw new DataException(fields.file() + ": vision_config: " + e.getMessage(), e);
    }
  }

  private static QFormerSpec qformer(ConfigFields fields, QFormerKind kind, int queries)
      throws DataException {
    fields.requireOnly("position_embedding_type", "absolute");
    if (kind.type().equals("blip-2")) {
      fields.requireOnly("use_qformer_text_input", Boolean.toString(kind.reads()));
    }
    int vocabulary = fields.size("vocab_size");
    int positions = fields.size("max_position_embeddings");
    try {
      QFormerSpec spec =
          new QFormerSpec(
              fields.size("num_hidden_layers"),
              fields.size("hidden_size"),
              fields.size("num_attention_heads"),
              fields.size("intermediate_size"),
              fields.size("encoder_hidden_size"),
              fields.size("cross_attention_frequency"),
              queries,
              kind.reads()
                  ? Optional.of(new QFormerSpec.Words(vocabulary, positions))
                  : Optional.empty(),
              fields.numberOr("layer_norm_eps", 1e-12),
              new Dropout(
                  fields.numberOr("hidden_dropout_prob", 0.1),
                  fields.numberOr("attention_probs_dropout_prob", 0.1)));
      fields.requireNothingElse();
      return spec;
    } catch (IllegalArgumentException e) {
      throw new DataException(fields.file() + ": qformer_config: " + e.getMessage(), e);
    }
  }
}
