package dev.eosin.qformer;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.FileContent;
import dev.eosin.language.stored.LanguageExport;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.tower.TimmImage;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Writes a model with a Q-Former as a folder: with all its parts as transformers opens it, or with
/// the places of frozen ones instead, see [QFormerFolder].
///
/// transformers puts an id of its own in the image's places. Where the language model's table ends
/// before it, the copied table, and the head, get rows that are the mean of the others.
///
/// @param config that describes all of it
/// @param tower where the image tower lies, if its weights are not given
/// @param language where the language model lies, if its weights are not given
/// @param dtype of the weights, in Hugging Face's word
public record QFormerExport(
    QFormerConfig config, Optional<FrozenPart> tower, Optional<FrozenPart> language, String dtype) {
  private static final String WEIGHTS = "model.safetensors";

  /// @throws IllegalArgumentException when a tower that transformers does not know is to lie in the
  ///   folder
  public QFormerExport {
    if (tower.isEmpty() && config.tower().isEmpty()) {
      throw new IllegalArgumentException(
          "an image tower of another kind than BLIP-2's stays where it is");
    }
  }

  /// Whether transformers opens the folder.
  public boolean isWhole() {
    return tower.isEmpty() && language.isEmpty();
  }

  /// @param weights of the parts that the folder holds, by Eosin's names, made when their turn
  ///   comes
  /// @param files the processor's ([QFormerProcessor]) and what else belongs beside, by name
  /// @throws DataException when the folder cannot be written; an existing one is then untouched
  public void write(Path folder, Map<String, PendingTensor> weights, Map<String, FileContent> files)
      throws DataException {
    QFormerModel held = QFormerModel.of(written()).holding(tower.isEmpty(), language.isEmpty());
    try (AtomicFolder out = AtomicFolder.begin(folder)) {
      out.write(
          isWhole() ? WEIGHTS : QFormerFolder.OWN_WEIGHTS,
          held.layout().writePending(longer(held, weights), Map.of("format", "pt")));
      out.write(
          isWhole() ? LanguageFolder.CONFIG : QFormerFolder.OWN,
          FileContent.text((isWhole() ? described() : own()).toPrettyString() + "\n"));
      for (Map.Entry<String, FileContent> file : files.entrySet()) {
        if (file.getKey().contains("/")) {
          out.writeWithin(file.getKey(), file.getValue());
        } else {
          out.write(file.getKey(), file.getValue());
        }
      }
      out.commit();
    } catch (UncheckedIOException e) {
      throw e.getCause() instanceof DataException said
          ? said
          : new DataException(String.valueOf(e.getMessage()), e);
    }
  }

  private QFormerConfig written() {
    return language.isEmpty() ? config.withRoom() : config;
  }

  /// A token table, and a head, that end before the image's id get rows up to it.
  private static Map<String, PendingTensor> longer(
      QFormerModel held, Map<String, PendingTensor> weights) {
    Map<String, PendingTensor> all = new LinkedHashMap<>(weights);
    held.answers().stream()
        .flatMap(answers -> answers.parts().stream())
        .flatMap(part -> part.weights().stream())
        .forEach(
            weight -> {
              PendingTensor given = weights.get(weight.name());
              if (given == null) {
                return;
              }
              long missing = weight.shape()[0] - given.shape().getFirst();
              if (missing > 0) {
                all.put(weight.name(), given.withMeanRows(missing));
              }
            });
    return all;
  }

  private ObjectNode own() {
    ObjectNode json = new JsonMapper().createObjectNode();
    json.put("kind", QFormerFolder.KIND);
    json.put("version", QFormerFolder.VERSION);
    json.put("image-norm-epsilon", config.normEpsilon());
    tower.ifPresent(part -> part.write(json.putObject("tower")));
    language.ifPresent(part -> part.write(json.putObject("language")));
    json.set("config", described());
    return json;
  }

  /// `config.json`, in the spelling that old versions of transformers read, too.
  ObjectNode described() {
    QFormerConfig config = written();
    QFormerKind kind = config.kind();
    ObjectNode json = new JsonMapper().createObjectNode();
    json.putArray("architectures").add(kind.architecture());
    json.put("model_type", kind.type());
    json.put("dtype", dtype);
    json.put("torch_dtype", dtype);
    json.put("num_query_tokens", config.qformer().queries());
    config.embedSize().ifPresent(size -> json.put("image_text_hidden_size", size));
    config.imageToken().ifPresent(id -> json.put("image_token_index", id));
    config.tower().ifPresent(tower -> json.set("vision_config", tower(tower)));
    json.set("qformer_config", qformer());
    config.language().ifPresent(each -> json.set("text_config", LanguageExport.described(each)));
    return json;
  }

  private ObjectNode tower(TimmImage tower) {
    ObjectNode json = new JsonMapper().createObjectNode();
    json.put("model_type", config.kind().partType() + "_vision_model");
    json.put("hidden_size", tower.hiddenSize());
    json.put("intermediate_size", tower.trunk().mlpSize());
    json.put("num_hidden_layers", tower.layers());
    json.put("num_attention_heads", tower.trunk().heads());
    json.put("image_size", tower.height());
    json.put("patch_size", tower.patch());
    json.put("hidden_act", "gelu");
    json.put("layer_norm_eps", QFormerConfig.NORM_EPSILON);
    json.put("qkv_bias", true);
    return json;
  }

  private ObjectNode qformer() {
    QFormerSpec spec = config.qformer();
    ObjectNode json = new JsonMapper().createObjectNode();
    json.put("model_type", config.kind().partType() + "_qformer");
    spec.words()
        .ifPresent(
            words -> {
              json.put("vocab_size", words.vocabulary());
              json.put("max_position_embeddings", words.positions());
            });
    if (config.kind() != QFormerKind.INSTRUCT_BLIP) {
      json.put("use_qformer_text_input", config.kind().reads());
    }
    json.put("hidden_size", spec.width());
    json.put("num_hidden_layers", spec.layers());
    json.put("num_attention_heads", spec.heads());
    json.put("intermediate_size", spec.mlpWidth());
    json.put("encoder_hidden_size", spec.imageWidth());
    json.put("cross_attention_frequency", spec.crossEvery());
    json.put("hidden_act", "gelu");
    json.put("layer_norm_eps", spec.normEpsilon());
    json.put("hidden_dropout_prob", spec.dropout().hidden());
    json.put("attention_probs_dropout_prob", spec.dropout().attention());
    return json;
  }
}
