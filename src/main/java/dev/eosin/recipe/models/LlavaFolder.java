package dev.eosin.recipe.models;

import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import dev.eosin.language.Adapters;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.text.LanguageTokenizer;
import dev.eosin.tower.Vit;
import dev.eosin.vllm.ConversationRows;
import dev.eosin.vllm.ImageProcessing;
import dev.eosin.vllm.VisionConfig;
import dev.eosin.vllm.VisionLanguage;
import dev.eosin.vllm.VisionLanguageExport;
import dev.eosin.vllm.VisionLanguageText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/// A model of images and text as one folder that transformers and vLLM open: the image tower and
/// the language model from where a recipe names them, with what was trained in their place.
///
/// @param models what the recipe describes
public record LlavaFolder(VisionLanguageModels models) {
  /// What was trained, read while the folder is written.
  public interface Trained {
    /// Every weight of the language model with its adapters merged, and all others that were
    /// trained.
    ///
    /// @param base the language model's weights under Eosin's names, without adapters
    Map<String, PendingTensor> over(StoredTensors base) throws DataException;
  }

  /// Why transformers knows no such model.
  public Optional<String> refusal() {
    return VisionLanguageExport.refusal(plain());
  }

  /// Writes it, whole or not at all.
  ///
  /// @param shardBytes most bytes of weights in a file, where they are divided
  /// @return what a user should know, one line each
  public List<String> write(Path out, OptionalLong shardBytes, Trained trained) throws IOException {
    try (FrozenTower tower = models.tower().open();
        StoredTensors file = models.folder().weights();
        LanguageTokenizer tokenizer = models.tokenizer()) {
      VisionLanguage model = plain();
      StoredTensors base =
          LanguageNames.of(model.decoder()).read(file, LanguageFolder.shapes(model.decoder()));
      Map<String, PendingTensor> weights = new LinkedHashMap<>();
      for (String name : tower.own().names()) {
        if (name.startsWith(VisionLanguage.IMAGE + ".")) {
          weights.put(name, PendingTensor.of(tower.own(), name, tower.own().header(name).type()));
        }
      }
      weights.putAll(trained.over(base));
      return VisionLanguageExport.write(
          out, contents(tokenizer, weights, dtype(weights)), shardBytes);
    }
  }

  /// What lies beside weights that are written otherwise: the configuration of the whole where
  /// transformers has such a model, or else of the language model, how images are prepared, and
  /// what belongs to text.
  public Map<String, FileContent> companions() throws IOException {
    Map<String, FileContent> files = new LinkedHashMap<>();
    try (LanguageTokenizer tokenizer = models.tokenizer()) {
      if (refusal().isEmpty()) {
        return VisionLanguageExport.companions(contents(tokenizer, Map.of(), "float32"));
      }
      files.putAll(text(tokenizer));
    }
    Path config = models.folder().path().resolve(LanguageFolder.CONFIG);
    files.put(LanguageFolder.CONFIG, FileContent.copyOf(config));
    files.put(ImageProcessing.FILE, processing().content());
    return files;
  }

  private ImageProcessing processing() {
    return new ImageProcessing(
        models.tower().side(), models.recipe().text().images(), models.tower().normalisation());
  }

  private VisionLanguageExport.Contents contents(
      LanguageTokenizer tokenizer, Map<String, PendingTensor> weights, String dtype)
      throws IOException {
    VisionLanguage model = plain();
    return new VisionLanguageExport.Contents(
        model,
        new VisionConfig(
            (Vit) model.images().tower().spec(),
            models.tower().activation(),
            models.tower().embedSize()),
        models.folder().config(),
        tokenizer.id(ConversationRows.MARK).orElseThrow(),
        processing(),
        weights,
        dtype,
        text(tokenizer));
  }

  private VisionLanguage plain() {
    VisionLanguage model = models.model();
    return model.with(model.decoder().with(Adapters.NONE));
  }

  private String dtype(Map<String, PendingTensor> weights) {
    String table = models.model().decoder().table();
    return switch (Objects.requireNonNull(weights.get(table)).type()) {
      case BF16 -> "bfloat16";
      case F16 -> "float16";
      default -> "float32";
    };
  }

  private Map<String, FileContent> text(LanguageTokenizer tokenizer) throws IOException {
    SpecialIds ids = models.folder().config().ids();
    return VisionLanguageText.files(
        models.tokenizerPath(),
        models.recipe().template().words(tokenizer),
        false,
        models.folder().config().spec().context(),
        ids.begin(),
        models.recipe().template().ends(tokenizer, ids));
  }
}
