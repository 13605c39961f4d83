package dev.eosin.run.models;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.ModelFiles;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.language.spec.ConfigFields;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.PeftFolder;
import dev.eosin.vllm.ProjectorFolder;
import dev.eosin.vllm.VisionLanguageConfig;
import dev.eosin.vllm.VisionLanguageFolder;
import dev.eosin.vllm.VisionLanguageNames;
import dev.eosin.vllm.VisionLanguageText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What `eosin inspect` says of models of images and text, of parts of them, and of adapters: what
/// each is, and what it still needs.
///
/// @param facts by what they say
record VisionLanguageInspection(Map<String, String> facts) {
  private static final String NEEDS = "needs";
  private static final String PARTS =
      "the image tower and the language model that it was trained beside: a recipe names them, and this with initialise-from";

  /// @return empty where a path is none of these
  /// @throws DataException naming the file and what is wrong with it
  static Optional<VisionLanguageInspection> of(Path path) throws DataException {
    Map<String, String> facts = new LinkedHashMap<>();
    if (Files.isDirectory(path)
        && VisionLanguageConfig.describes(path.resolve(LanguageFolder.CONFIG))) {
      whole(path, facts);
    } else if (Files.isRegularFile(path.resolve(PeftFolder.CONFIG))) {
      facts.put("model", "adapters of peft's");
      adapters(path, facts);
    } else if (ProjectorFolder.is(path)) {
      folder(path, facts);
    } else if (Files.isRegularFile(path)
        || Files.isDirectory(path) && ModelFiles.DEEPSPEED.find(path).isPresent()) {
      file(path, facts);
    }
    return facts.isEmpty() ? Optional.empty() : Optional.of(new VisionLanguageInspection(facts));
  }

  private static void whole(Path path, Map<String, String> facts) throws DataException {
    VisionLanguageConfig config = VisionLanguageConfig.read(path.resolve(LanguageFolder.CONFIG));
    List<String> needs = new ArrayList<>();
    try (StoredTensors file = StoredTensors.open(path)) {
      facts.put("model", "a LLaVA model, spelled as " + VisionLanguageNames.form(file).title());
      holds(file, file.names(), facts);
      switch (config.tower()) {
        case VisionLanguageConfig.Tower.Here(var vision) -> {
          facts.put("image tower", "in the folder: " + vision.vit());
          fit(path, facts);
        }
        case VisionLanguageConfig.Tower.Elsewhere(String name) -> tower(path, name, facts, needs);
      }
    }
    facts.put("layer", config.layer() + (config.everyToken() ? ", every token" : ", patches"));
    facts.put("projector", config.linears() + " linears");
    facts.put("language", config.language().spec().toString());
    facts.put(
        "template",
        VisionLanguageText.template(path)
            .orElse("not said by Eosin: the tokenizer's own, or else v1"));
    boolean speaks =
        LanguageFolder.TEXT_FILES.stream()
            .filter(name -> name.endsWith("tokenizer.json") || name.endsWith(".model"))
            .anyMatch(name -> Files.exists(path.resolve(name)));
    if (!speaks) {
      needs.add("a tokenizer: there is no tokenizer.json and no tokenizer.model");
    }
    facts.put(NEEDS, needs.isEmpty() ? "nothing" : String.join("; ", needs));
  }

  /// Says where names and shapes of the weights are not those that the description promises.
  private static void fit(Path path, Map<String, String> facts) {
    try {
      VisionLanguageFolder.open(path).check();
    } catch (DataException misfit) {
      facts.put("does not fit", String.valueOf(misfit.getMessage()));
    }
  }

  private static void tower(Path path, String name, Map<String, String> facts, List<String> needs) {
    boolean there =
        List.of(path.resolve(name), Path.of(name)).stream()
            .anyMatch(each -> Files.exists(each.resolve(LanguageFolder.CONFIG)));
    facts.put("image tower", name + (there ? ", a folder that is there" : ", elsewhere"));
    if (!there) {
      needs.add("its image tower %s: fetch it, and name its folder with --tower".formatted(name));
    }
  }

  private static void adapters(Path path, Map<String, String> facts) throws DataException {
    ConfigFields fields = ConfigFields.open(path.resolve(PeftFolder.CONFIG));
    facts.put(
        "adapters",
        "rank %d, alpha %s".formatted(fields.sizeOr("r", 8), fields.numberOr("lora_alpha", 8)));
    Set<String> names = PeftFolder.names(path);
    facts.put(
        "made for",
        names.stream().anyMatch(VisionLanguageNames::isOfWhole)
            ? "the language model of a LLaVA model"
            : "a model by its own names");
    facts.putIfAbsent("holds", String.format(Locale.ROOT, "%,d tensors", names.size()));
    String base = "base_model_name_or_path";
    facts.put(
        NEEDS,
        "its base model"
            + (fields.has(base) ? ", which is " + fields.text(base) : ", which is not named"));
  }

  private static void folder(Path path, Map<String, String> facts) throws DataException {
    facts.put("model", "what a training left: projector and adapters as xtuner lays them out");
    facts.put("projector", ProjectorFolder.described(path, "projector").toString());
    Path adapters = path.resolve(ProjectorFolder.ADAPTERS);
    if (Files.isDirectory(adapters)) {
      adapters(adapters, facts);
    } else {
      facts.put("adapters", "none");
    }
    Map<String, String> needs = ProjectorFolder.needs(path);
    needs.forEach(facts::put);
    facts.put(NEEDS, PARTS);
  }

  private static void file(Path path, Map<String, String> facts) throws DataException {
    try (StoredTensors file = StoredTensors.open(path)) {
      Optional<String> projector = VisionLanguageNames.projectorAlone(file);
      boolean adapted = file.names().stream().anyMatch(VisionLanguageNames::isXtunerAdapter);
      if (projector.isEmpty() && !adapted) {
        return;
      }
      facts.put(
          "model",
          adapted
              ? "a checkpoint of xtuner: adapters of a language model"
                  + (projector.isPresent() ? " and a projector" : "")
              : "a projector alone, under " + projector.orElseThrow());
      holds(file, file.names(), facts);
      facts.put(NEEDS, adapted ? PARTS + "; the adapters' alpha, with the recipe's lora" : PARTS);
    }
  }

  private static void holds(StoredTensors file, Set<String> names, Map<String, String> facts)
      throws DataException {
    long elements = 0;
    for (String name : names) {
      elements += file.header(name).elements();
    }
    facts.put(
        "holds", String.format(Locale.ROOT, "%,d numbers in %,d tensors", elements, names.size()));
  }

  StoredModels.Inspected inspected() {
    List<String> lines = new ArrayList<>();
    facts.forEach((key, value) -> lines.add("%-15s%s".formatted(key, value)));
    ObjectNode json = new JsonMapper().createObjectNode();
    facts.forEach(json::put);
    return new StoredModels.Inspected(lines, json.toPrettyString());
  }
}
