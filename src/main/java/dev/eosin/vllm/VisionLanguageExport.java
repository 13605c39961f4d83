package dev.eosin.vllm;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.WeightFiles;
import dev.eosin.config.DataException;
import dev.eosin.features.ImageFeatures;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.FileContent;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.stored.LanguageExport;
import dev.eosin.tower.Vit;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Writes a LLaVA model as a folder that transformers and vLLM open
/// (`LlavaForConditionalGeneration`), its weights spelled as in the repositories of llava-hf.
///
/// What such a model has in every case and ours need not have is added: rows of the token table and
/// of the head for the id of an image's place, of which the head's never win a greedy choice.
public final class VisionLanguageExport {
  static final String PROCESSOR = "LlavaProcessor";
  private static final List<String> AFFINE = List.of("weight", "bias");

  private VisionLanguageExport() {}

  /// A model that is written.
  ///
  /// @param model without adapters
  /// @param vision what its image tower is
  /// @param language what its decoder is
  /// @param imageId stands for an image's tokens
  /// @param processing how images become its input
  /// @param weights by Eosin's names, made when their turn comes; those of the tower that the model
  ///   does not read may be among them, and are written then
  /// @param dtype of most of them, in Hugging Face's word
  /// @param text the tokenizer's files and what else belongs to text, by name
  public record Contents(
      VisionLanguage model,
      VisionConfig vision,
      LanguageConfig language,
      int imageId,
      ImageProcessing processing,
      Map<String, PendingTensor> weights,
      String dtype,
      Map<String, FileContent> text) {}

  /// Why a model has no such folder; empty where it has one.
  public static Optional<String> refusal(VisionLanguage model) {
    if (!(model.projector() instanceof LinearProjector linear) || linear.depth() != 2) {
      return Optional.of(
          "transformers' LLaVA has a projector of two linears, this model has "
              + (model.projector() instanceof LinearProjector other
                  ? "one of " + other.depth()
                  : "a connector that looks at tiles"));
    }
    return model.images().tower().spec() instanceof Vit
        ? Optional.empty()
        : Optional.of("transformers' LLaVA has CLIP's image tower, this model has one of timm");
  }

  /// Writes the folder, whole or not at all.
  ///
  /// @param shardBytes most bytes of weights in a file, where they are divided
  /// @return what a user should know, one line each
  /// @throws DataException when the model has no such folder, or it cannot be written; an existing
  ///   one is then untouched
  public static List<String> write(Path folder, Contents contents, OptionalLong shardBytes)
      throws DataException {
    Optional<String> refusal = refusal(contents.model());
    if (refusal.isPresent()) {
      throw new DataException("%s: %s".formatted(folder, refusal.get()));
    }
    List<String> notes = new ArrayList<>();
    Contents fitted = withImageRow(wholeTower(contents, notes), notes);
    try (AtomicFolder out = AtomicFolder.begin(folder)) {
      var names = VisionLanguageNames.whole(fitted.model(), VisionLanguageNames.Form.LLAVA_HF);
      WeightFiles.write(
          out, names.writePending(fitted.weights(), Map.of("format", "pt")), shardBytes);
      for (Map.Entry<String, ObjectNode> file : described(fitted).entrySet()) {
        out.write(file.getKey(), FileContent.text(file.getValue().toPrettyString() + "\n"));
      }
      for (Map.Entry<String, FileContent> file : contents.text().entrySet()) {
        out.write(file.getKey(), file.getValue());
      }
      out.commit();
    } catch (UncheckedIOException e) {
      throw e.getCause() instanceof DataException said
          ? said
          : new DataException(String.valueOf(e.getMessage()), e);
    }
    return notes;
  }

  /// Everything of such a folder but its weights, by name.
  ///
  /// @param contents whose weights are not looked at; its token table stays as it is
  public static Map<String, FileContent> companions(Contents contents) {
    Map<String, FileContent> files = new LinkedHashMap<>();
    described(contents)
        .forEach((name, json) -> files.put(name, FileContent.text(json.toPrettyString() + "\n")));
    files.putAll(contents.text());
    return files;
  }

  /// The tower with all of its blocks where their weights are there, or else with those that are
  /// read and no more.
  private static Contents wholeTower(Contents contents, List<String> notes) {
    ImageFeatures images = contents.model().images();
    String projection = images.prefix() + ".projection";
    List<String> unused = new ArrayList<>(images.unused());
    unused.remove(projection);
    Map<String, PendingTensor> weights = new LinkedHashMap<>(contents.weights());
    weights.remove(projection);
    if (weights.keySet().containsAll(unused)) {
      return with(contents, contents.model(), contents.vision(), contents.language(), weights);
    }
    weights.keySet().removeAll(unused);
    VisionConfig shorter = contents.vision().withLayers(images.blockCount());
    int width = images.width();
    for (String part : AFFINE) {
      float value = part.equals("weight") ? 1 : 0;
      weights.put(images.prefix() + ".post-norm." + part, constant(value, width));
    }
    var read = new ImageFeatures(shorter.tower(images.prefix()), -1, images.everyToken());
    VisionLanguage model = contents.model();
    notes.add(
        "the image tower is written with the %d of its %d blocks that the model reads"
            .formatted(images.blockCount(), images.tower().spec().layers()));
    return with(
        contents,
        new VisionLanguage(read, model.projector(), model.decoder()),
        shorter,
        contents.language(),
        weights);
  }

  private static PendingTensor constant(float value, int width) {
    float[] values = new float[width];
    Arrays.fill(values, value);
    return new PendingTensor(
        StoredType.F32, List.of((long) width), () -> TensorData.of(values, width));
  }

  private static Contents with(
      Contents contents,
      VisionLanguage model,
      VisionConfig vision,
      LanguageConfig language,
      Map<String, PendingTensor> weights) {
    return new Contents(
        model,
        vision,
        language,
        contents.imageId(),
        contents.processing(),
        weights,
        contents.dtype(),
        contents.text());
  }

  /// transformers looks up every id before it puts features in the places of images.
  private static Contents withImageRow(Contents contents, List<String> notes) throws DataException {
    int rows = contents.language().spec().vocabulary();
    if (contents.imageId() < rows) {
      return contents;
    }
    GrownVocabulary grown = GrownVocabulary.of(contents.language(), contents.imageId() + 1);
    notes.add(
        "the token table is written with %d rows instead of %d, for the id %d of images"
            .formatted(grown.rows(), rows, contents.imageId()));
    VisionLanguage model = contents.model();
    return with(
        contents,
        model.with(grown.decoder(model.decoder().prefix())),
        contents.vision(),
        grown.language(),
        grown.weights(model.decoder(), contents.weights()));
  }

  private static Map<String, ObjectNode> described(Contents contents) {
    Map<String, ObjectNode> files = new LinkedHashMap<>();
    files.put(VisionLanguageFolder.CONFIG, config(contents));
    files.put(ImageProcessing.FILE, contents.processing().written(PROCESSOR));
    files.put("processor_config.json", processor(contents));
    return files;
  }

  private static String strategy(Contents contents) {
    return contents.model().images().everyToken() ? "full" : "default";
  }

  private static ObjectNode config(Contents contents) {
    ImageFeatures images = contents.model().images();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("architectures").add("LlavaForConditionalGeneration");
    json.put("model_type", "llava");
    json.put("ignore_index", -100);
    json.put("image_token_index", contents.imageId());
    json.put("image_seq_length", images.tokens());
    json.put("projector_hidden_act", "gelu");
    json.put("multimodal_projector_bias", true);
    json.put("vision_feature_layer", images.layer());
    json.put("vision_feature_select_strategy", strategy(contents));
    ObjectNode language = LanguageExport.described(contents.language());
    json.set("tie_word_embeddings", language.path("tie_word_embeddings"));
    json.set("text_config", language.put("dtype", contents.dtype()));
    json.set("vision_config", contents.vision().written());
    json.put("dtype", contents.dtype());
    json.put("torch_dtype", contents.dtype());
    return json;
  }

  private static ObjectNode processor(Contents contents) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("processor_class", PROCESSOR);
    json.put("image_token", ConversationRows.MARK);
    json.put("patch_size", contents.vision().vit().patch());
    json.put("vision_feature_select_strategy", strategy(contents));
    json.put("num_additional_image_tokens", 1);
    return json;
  }
}
