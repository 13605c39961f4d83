package dev.eosin.recipe.models;

import dev.eosin.config.DataException;
import dev.eosin.config.Place;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Adapters;
import dev.eosin.language.Decoder;
import dev.eosin.language.Llama;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.OptSpec;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.language.stored.AdapterSettings;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.DecoderSettings;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.LanguageRecipe;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.MappedTensors;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.LanguageTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Builds what a language recipe describes.
///
/// @param recipe that is built
/// @param config what the model is
/// @param decoder with the recipe's adapters
/// @param adapted what its adapters are, where it has some
/// @param frozen names of the weights that are not trained
public record LanguageModels(
    LanguageRecipe recipe,
    LanguageConfig config,
    Decoder decoder,
    Optional<AdaptedDecoder> adapted,
    Set<String> frozen) {
  private static final String PREFIX = "decoder";

  public static LanguageModels of(LanguageRecipe recipe, LanguageConfig config)
      throws DataException {
    Llama plain = plain(recipe, config);
    if (recipe.text().length() > config.spec().context()) {
      throw problem(
          "text.length",
          "is %d, the model reads %d ids"
              .formatted(recipe.text().length(), config.spec().context()));
    }
    if (recipe.lora().isEmpty()) {
      return new LanguageModels(recipe, config, plain, Optional.empty(), Set.of());
    }
    try {
      AdaptedDecoder adapted = adapted(recipe.lora().get(), plain, recipe.model()::open);
      Set<String> frozen = new HashSet<>();
      plain.weights().forEach(weight -> frozen.add(weight.name()));
      frozen.removeAll(adapted.whole());
      return new LanguageModels(recipe, config, adapted.decoder(), Optional.of(adapted), frozen);
    } catch (IllegalArgumentException e) {
      throw problem("lora", String.valueOf(e.getMessage()));
    }
  }

  /// Opens a tokenizer.
  interface Opening {
    LanguageTokenizer open() throws IOException;
  }

  /// What adapters' settings mean; a tokenizer is opened where they name tokens.
  ///
  /// @throws IllegalArgumentException as [AdapterSettings#resolve(Decoder)]
  static AdaptedDecoder adapted(AdapterSettings lora, Decoder plain, Opening tokenizer)
      throws DataException {
    if (lora.trainTokens().isEmpty()) {
      return lora.resolve(plain);
    }
    try (LanguageTokenizer opened = tokenizer.open()) {
      return lora.resolve(plain, opened);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException("lora.train-tokens: " + e.getMessage(), e);
    }
  }

  private static Llama plain(LanguageRecipe recipe, LanguageConfig config) {
    return switch (config.spec()) {
      case LlamaSpec spec -> {
        Llama model = Llama.of(PREFIX, spec);
        yield recipe.model() instanceof DecoderSettings.Fresh fresh && fresh.deviation().isPresent()
            ? new Llama(PREFIX, spec, Adapters.NONE, fresh.deviation().get())
            : model;
      }
      case OptSpec _, T5Spec _ ->
          throw problem(
              "model.path",
              "is no decoder of LLaMA's kind, the only one that is trained by itself");
    };
  }

  static RecipeException problem(String key, String message) {
    Path whole = Path.of("the recipe");
    return new RecipeException(whole, List.of(new Problem(new Place.Whole(whole), key, message)));
  }

  Optional<DecoderSettings.Folder> folder() {
    return recipe.model() instanceof DecoderSettings.Folder folder
        ? Optional.of(folder)
        : Optional.empty();
  }

  /// The folder whose weights are frozen; empty where everything is trained.
  public Optional<LanguageFolder> frozenFolder() throws DataException {
    Optional<DecoderSettings.Folder> folder = folder();
    return folder.isPresent() && !frozen.isEmpty()
        ? Optional.of(LanguageFolder.open(folder.get().path()))
        : Optional.empty();
  }

  /// Files that belong to text, to be written beside the weights.
  public List<Path> textFiles() throws IOException {
    Path place = recipe.model().tokenizer();
    if (!Files.isDirectory(place)) {
      return List.of(place);
    }
    List<Path> files = new ArrayList<>();
    for (String name : LanguageFolder.TEXT_FILES) {
      if (Files.isRegularFile(place.resolve(name))) {
        files.add(place.resolve(name));
      }
    }
    return files;
  }

  /// All weights, adapters last.
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>(decoder.weights());
    weights.addAll(decoder.adapterWeights());
    return weights;
  }

  private Map<String, List<Long>> frozenShapes() {
    Map<String, List<Long>> shapes = LanguageFolder.shapes(decoder);
    shapes.keySet().retainAll(frozen);
    return shapes;
  }

  /// Bytes of the frozen weights, by name.
  public Map<String, Long> frozenBytes() throws DataException {
    Optional<LanguageFolder> folder = frozenFolder();
    return folder.isEmpty() ? Map.of() : folder.get().bytes(decoder, frozenShapes(), base());
  }

  /// Refuses a base that would change nothing.
  ///
  /// @param shapes of the weights that are frozen
  static void requireFrozen(
      String key, Base base, Decoder decoder, Map<String, List<Long>> shapes) {
    if (base == Base.INT8 && decoder.linears().stream().noneMatch(shapes::containsKey)) {
      throw problem(
          key, "is int8, which is for frozen linears, but all of them are trained; leave it out");
    }
  }

  /// Compares names and shapes of what files hold with the model.
  ///
  /// @return what a user should know, one line each
  public List<String> check() throws DataException {
    Optional<DecoderSettings.Folder> from = folder();
    if (from.isEmpty()) {
      return List.of();
    }
    LanguageFolder opened = LanguageFolder.open(from.get().path());
    opened.check(decoder);
    requireFrozen("model.base", base(), decoder, frozenShapes());
    return frozen.isEmpty()
        ? List.of()
        : opened.note(decoder, frozenShapes(), base()).stream().toList();
  }

  private Base base() {
    return folder().map(DecoderSettings.Folder::base).orElse(Base.MAPPED);
  }

  /// Allocates what is trained, with weights of zero, and opens the rest.
  public ParameterSet allocate(Engine engine) throws DataException {
    List<ParameterSet.Spec> specs = new ArrayList<>();
    for (Weight weight : weights()) {
      specs.add(weight.spec(!frozen.contains(weight.name())));
    }
    DType compute = recipe.precision().compute(engine.device());
    Optional<LanguageFolder> folder = frozenFolder();
    if (folder.isEmpty()) {
      return ParameterSet.allocate(engine, specs, compute);
    }
    MappedTensors tensors = folder.get().frozen(engine, decoder, frozenShapes(), base());
    try {
      return ParameterSet.allocate(engine, specs, compute, List.of(tensors));
    } catch (RuntimeException | Error e) {
      tensors.close();
      throw e;
    }
  }

  /// Fills in the weights that training starts from.
  ///
  /// @return what a user should know about them, one line each
  public List<String> begin(ParameterSet parameters) throws DataException {
    var first = new Initialiser(new RandomKey(recipe.seed()));
    List<String> notes = new ArrayList<>();
    Optional<DecoderSettings.Folder> folder = folder();
    if (folder.isEmpty()) {
      first.fill(parameters, decoder.weights());
    } else {
      LanguageFolder.open(folder.get().path()).load(parameters, decoder);
    }
    first.fill(parameters, decoder.adapterWeights(), decoder.weights().size());
    adapted.ifPresent(lora -> lora.fillMagnitudes(parameters));
    adapted.ifPresent(lora -> lora.fillRows(parameters));
    adapted.ifPresent(lora -> notes.add("lora: " + lora.describe()));
    return notes;
  }
}
