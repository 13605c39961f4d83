package dev.eosin.run.models;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.clip.spec.TimmModelConfig;
import dev.eosin.config.DataException;
import dev.eosin.language.spec.ConfigFields;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.qformer.BertStart;
import dev.eosin.qformer.EvaFile;
import dev.eosin.tower.TimmFile;
import dev.eosin.tower.TimmImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What `eosin inspect` says of files that are no model by themselves, but what one begins with: an
/// image tower of EVA's or timm's, and a BERT.
final class PartInspection {
  private PartInspection() {}

  /// @return nothing where a path is none of them
  /// @throws DataException naming the file and what is wrong with it
  static Optional<StoredModels.Inspected> find(Path path) throws DataException {
    if (EvaFile.is(path)) {
      return Optional.of(said(eva(path)));
    }
    if (TimmFile.is(path)) {
      return Optional.of(said(timm(path)));
    }
    return isBert(path) ? Optional.of(said(bert(path))) : Optional.empty();
  }

  private static StoredModels.Inspected said(Map<String, String> facts) {
    return new QFormerInspection(facts).inspected();
  }

  private static Map<String, String> eva(Path path) throws DataException {
    Map<String, String> facts = new LinkedHashMap<>();
    try (StoredTensors file = StoredTensors.open(path)) {
      EvaFile eva = EvaFile.read(file);
      eva.weights(file, "image");
      TimmImage.Trunk trunk = eva.image().trunk();
      facts.put("model", "an image tower of EVA's kind, without a text tower");
      put(facts, file);
      facts.put(
          "image",
          "%d blocks of width %d, MLP %d, %d heads (of 88, as EVA-ViT-g's: the file does not say), patches of %d px"
              .formatted(
                  trunk.layers(),
                  trunk.hiddenSize(),
                  trunk.mlpSize(),
                  trunk.heads(),
                  trunk.patch()));
      facts.put("input", "%d x %d px".formatted(trunk.height(), trunk.width()));
      facts.put("recipe", "tower: { from: \"%s\", layer: -2 }".formatted(path));
    }
    return facts;
  }

  private static Map<String, String> timm(Path path) throws DataException {
    Map<String, String> facts = new LinkedHashMap<>();
    Path config =
        (Files.isDirectory(path) ? path : path.toAbsolutePath().resolveSibling(""))
            .resolve(LanguageFolder.CONFIG);
    try (StoredTensors file = StoredTensors.open(path)) {
      facts.put("model", "a vision transformer of timm's, without a text tower");
      put(facts, file);
      if (!TimmModelConfig.is(config)) {
        facts.put(
            "missing",
            "which one it is, as its weights do not tell its heads: timm's config.json beside it, or its name as tower.preset");
        facts.put("recipe", "tower: { from: \"%s\", preset: NAME, layer: -2 }".formatted(path));
        return facts;
      }
      TimmModelConfig said = TimmModelConfig.read(config);
      TimmFile.weights(file, "image", said.image());
      TimmImage.Trunk trunk = said.image().trunk();
      facts.put(
          "image",
          "%d blocks of width %d, MLP %d, %d heads, patches of %d px, %d registers"
              .formatted(
                  trunk.layers(),
                  trunk.hiddenSize(),
                  trunk.mlpSize(),
                  trunk.heads(),
                  trunk.patch(),
                  trunk.registers()));
      facts.put("input", "%d x %d px".formatted(trunk.height(), trunk.width()));
      facts.put("recipe", "tower: { from: \"%s\", layer: -2 }".formatted(path));
      facts.put(
          "or of CLIP",
          "model: { preset: NAME, weights: { type: random }, image-tower: \"%s\" }"
              .formatted(path));
    }
    return facts;
  }

  private static void put(Map<String, String> facts, StoredTensors file) throws DataException {
    long elements = 0;
    for (String name : file.names()) {
      elements += file.header(name).elements();
    }
    facts.put("file", "%s (%s)".formatted(file.path(), file.kind()));
    facts.put(
        "holds",
        String.format(Locale.ROOT, "%,d numbers in %d tensors", elements, file.names().size()));
  }

  private static boolean isBert(Path path) {
    Path config = path.resolve(LanguageFolder.CONFIG);
    try {
      if (!Files.isRegularFile(config)
          || !ConfigFields.open(config).isText("model_type")
          || !ConfigFields.open(config).text("model_type").equals("bert")) {
        return false;
      }
      // Models with a BERT as their text tower have its config.json, too.
      try (StoredTensors file = StoredTensors.open(path)) {
        return BertStart.isBert(file);
      }
    } catch (DataException e) {
      return false;
    }
  }

  private static Map<String, String> bert(Path path) throws DataException {
    Map<String, String> facts = new LinkedHashMap<>();
    ConfigFields config = ConfigFields.open(path.resolve(LanguageFolder.CONFIG));
    try (StoredTensors file = StoredTensors.open(path)) {
      boolean words = BertStart.scoresWords(file);
      facts.put("model", "a BERT, " + (words ? "with" : "without") + " its head of words");
      put(facts, file);
      facts.put(
          "text",
          "%d layers of width %d, MLP %d, %d heads; %d ids, %d positions"
              .formatted(
                  config.size("num_hidden_layers"),
                  config.size("hidden_size"),
                  config.size("intermediate_size"),
                  config.size("num_attention_heads"),
                  config.size("vocab_size"),
                  config.size("max_position_embeddings")));
      facts.put("recipe", "qformer: { type: bert, path: \"%s\" }".formatted(path));
    }
    return facts;
  }
}
