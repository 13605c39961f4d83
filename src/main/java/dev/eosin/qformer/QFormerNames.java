package dev.eosin.qformer;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.NameTable;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.features.ImageFeatures;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What others call the weights of a Q-Former and of what stands around it.
///
/// Sources: transformers 5.18 `modeling_blip_2.py` and `modeling_instructblip.py`, LAVIS
/// `blip2_models` and `eva_vit.py`.
public enum QFormerNames {
  /// A `Blip2QFormerModel` of transformers alone, without queries and table of words.
  ALONE("", "layernorm", "", "attention"),
  /// transformers' BLIP-2 models.
  BLIP2("qformer.", "layernorm", "embeddings.", "attention"),
  /// transformers' InstructBLIP models.
  INSTRUCT_BLIP("qformer.", "embeddings.layernorm", "qformer.embeddings.", "attention"),
  /// LAVIS's checkpoints of both.
  LAVIS("Qformer.bert.", "embeddings.LayerNorm", "Qformer.bert.embeddings.", "self");

  /// What files of both call the temperature.
  static final String TEMPERATURE = "temp";

  private final String before;
  private final String norm;
  private final String words;
  private final String self;

  QFormerNames(String before, String norm, String words, String self) {
    this.before = before;
    this.norm = norm;
    this.words = words;
    this.self = self;
  }

  /// A model of the first stage. Files of transformers may lack the temperature and what scores
  /// words: a model that is read from one keeps the first values of those.
  ///
  /// @param tower where the file has one
  public Layout alignment(Optional<ImageFeatures> tower, Alignment model) {
    NameTable table = new NameTable();
    tower.ifPresent(each -> tower(table, each));
    imageNorm(table, model.norm());
    qformer(table, model.qformer());
    heads(table, model.heads());
    Set<String> optional = this == LAVIS ? Set.of() : model.heads().absentFromTransformers();
    return new Layout("a first stage of BLIP-2", table.rules(), optional, Set.of());
  }

  /// A model of the second stage.
  ///
  /// @param tower where the file has one
  /// @param projection what LAVIS calls it, by the language model: `t5_proj`, `opt_proj` or
  ///   `llm_proj`
  /// @param language the rules of the language model, where the file has one
  /// @param unused beginnings of names that the file may hold and nothing reads
  public Layout reader(
      Optional<ImageFeatures> tower,
      ImageReader reader,
      String projection,
      List<TensorRule> language,
      Set<String> unused) {
    NameTable table = new NameTable();
    tower.ifPresent(each -> tower(table, each));
    imageNorm(table, reader.norm());
    qformer(table, reader.qformer());
    projection(table, reader.projection(), projection);
    List<TensorRule> rules = new ArrayList<>(table.rules());
    rules.addAll(language);
    return new Layout("a second stage of BLIP-2 or InstructBLIP", rules, Set.of(), unused);
  }

  /// Adds a Q-Former's weights.
  public void qformer(NameTable table, QFormer model) {
    if (this != ALONE) {
      table.copy(model.queryTokens(), "query_tokens");
      if (model.spec().words().isPresent()) {
        table.copy(model.table(), words + "word_embeddings.weight");
        table.copy(model.positions(), words + "position_embeddings.weight");
      }
    }
    table.copyAffine(model.prefix() + ".embedding-norm", before + norm);
    for (int i = 0; i < model.spec().layers(); i++) {
      layer(table, model, i);
    }
  }

  /// Adds the norm of an image tower's tokens.
  public void imageNorm(NameTable table, ImageNorm norm) {
    table.copyAffine(norm.prefix(), this == LAVIS ? "ln_vision" : "vision_model.post_layernorm");
  }

  /// Adds the heads of the first stage. Files of transformers lack the temperature and what scores
  /// words; the names that they have here are those of LAVIS without its `Qformer.`.
  public void heads(NameTable table, AlignmentHeads heads) {
    String own = heads.prefix();
    boolean lavis = this == LAVIS;
    table.copyAffine(own + ".image-projection", lavis ? "vision_proj" : "vision_projection");
    table.copyAffine(own + ".text-projection", lavis ? "text_proj" : "text_projection");
    table.scalar(heads.temperature(), TEMPERATURE);
    table.copyAffine(own + ".match", "itm_head");
    String words = (lavis ? "Qformer." : "") + "cls.predictions.";
    table.copyAffine(own + ".words", words + "transform.dense");
    table.copyAffine(own + ".words-norm", words + "transform.LayerNorm");
    table.copy(heads.wordBias(), words + "bias");
  }

  /// Adds the projection to a language model.
  ///
  /// @param lavis what LAVIS calls it, by the language model: `t5_proj`, `opt_proj` or `llm_proj`
  public void projection(NameTable table, LanguageProjection projection, String lavis) {
    table.copyAffine(projection.prefix(), this == LAVIS ? lavis : "language_projection");
  }

  /// Adds an image tower of EVA's kind.
  public void tower(NameTable table, ImageFeatures tower) {
    if (this == LAVIS) {
      EvaNames.add(table, tower, "visual_encoder.");
      return;
    }
    String own = tower.prefix();
    table.copy(own + ".class-token", "vision_model.embeddings.class_embedding");
    table.copy(own + ".position-embedding", "vision_model.embeddings.position_embedding");
    table.copyAffine(own + ".patch-embedding", "vision_model.embeddings.patch_embedding");
    for (int i = 0; i < tower.blockCount(); i++) {
      String block = own + ".blocks." + i;
      String theirs = "vision_model.encoder.layers." + i;
      table.copyAffine(block + ".attention-norm", theirs + ".layer_norm1");
      table.copyAffine(block + ".attention.query-key-value", theirs + ".self_attn.qkv");
      table.copyAffine(block + ".attention.output", theirs + ".self_attn.projection");
      table.copyAffine(block + ".mlp-norm", theirs + ".layer_norm2");
      table.copyAffine(block + ".mlp.up", theirs + ".mlp.fc1");
      table.copyAffine(block + ".mlp.down", theirs + ".mlp.fc2");
    }
  }

  private void layer(NameTable table, QFormer model, int index) {
    String own = "%s.blocks.%d.".formatted(model.prefix(), index);
    String theirs = "%sencoder.layer.%d.".formatted(before, index);
    stacked(
        table, own + "attention.query-key-value", theirs + "attention.", "query", "key", "value");
    table.copyAffine(own + "attention.output", theirs + "attention.output.dense");
    table.copyAffine(own + "attention-norm", theirs + "attention.output.LayerNorm");
    if (model.spec().crosses(index)) {
      stacked(table, own + "cross-attention.key-value", theirs + "crossattention.", "key", "value");
      table.copyAffine(own + "cross-attention.query", theirs + "crossattention." + self + ".query");
      table.copyAffine(own + "cross-attention.output", theirs + "crossattention.output.dense");
      table.copyAffine(own + "cross-attention-norm", theirs + "crossattention.output.LayerNorm");
    }
    mlp(table, own + "query-mlp", theirs, "_query");
    if (model.spec().words().isPresent()) {
      mlp(table, own + "mlp", theirs, "");
    }
  }

  private void stacked(NameTable table, String own, String theirs, String... parts) {
    for (String each : NameTable.AFFINE) {
      String[] foreign = new String[parts.length];
      for (int i = 0; i < parts.length; i++) {
        foreign[i] = "%s%s.%s.%s".formatted(theirs, self, parts[i], each);
      }
      table.stack(own + "." + each, foreign);
    }
  }

  private static void mlp(NameTable table, String own, String theirs, String kind) {
    table.copyAffine(own + ".up", theirs + "intermediate" + kind + ".dense");
    table.copyAffine(own + ".down", theirs + "output" + kind + ".dense");
    table.copyAffine(own + "-norm", theirs + "output" + kind + ".LayerNorm");
  }
}
