package dev.eosin.recipe.models;

import dev.eosin.checkpoint.MappedSource;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import dev.eosin.features.ImageFeatures;
import dev.eosin.file.UserCache;
import dev.eosin.image.transforms.TileGrid;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Decoder;
import dev.eosin.language.Llama;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.DecoderSettings;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.VisionLanguageRecipe;
import dev.eosin.revise.ReviseSettings;
import dev.eosin.revise.ReviseSettings.Images;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.MappedTensors;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.LanguageTokenizer;
import dev.eosin.train.optimisers.OptimizerSettings;
import dev.eosin.vllm.ConversationRows;
import dev.eosin.vllm.FirstStage;
import dev.eosin.vllm.FirstStageSettings;
import dev.eosin.vllm.ForeignStage;
import dev.eosin.vllm.LinearProjector;
import dev.eosin.vllm.Projector;
import dev.eosin.vllm.Template;
import dev.eosin.vllm.TileConnector;
import dev.eosin.vllm.VisionLanguage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Builds what a recipe of images and text describes.
///
/// @param recipe that is built
/// @param tower what the image tower is, and where it comes from
/// @param folder where the language model comes from
/// @param model with the recipe's adapters
/// @param adapted what its adapters are, where it has some
/// @param frozen names of the weights that are not trained
public record VisionLanguageModels(
    VisionLanguageRecipe recipe,
    TowerPart tower,
    LanguageFolder folder,
    VisionLanguage model,
    Optional<AdaptedDecoder> adapted,
    Set<String> frozen) {
  /// @throws dev.eosin.config.RecipeException when parts of the recipe do not fit each other
  /// @throws DataException when a file that describes a part is missing or says something else
  public static VisionLanguageModels of(VisionLanguageRecipe recipe) throws IOException {
    TowerPart tower = TowerPart.of(recipe);
    LanguageFolder folder = LanguageFolder.open(LanguageFolder.of(decoder(recipe).path()));
    Decoder plain = folder.decoder(VisionLanguage.DECODER);
    if (!(plain instanceof Llama)) {
      throw problem(
          "model.decoder.path", "is no decoder of LLaMA's kind, the only one that is trained here");
    }
    ImageFeatures images = tower.features();
    Optional<AdaptedDecoder> adapted = adapted(recipe, folder, plain);
    Decoder reads = adapted.map(AdaptedDecoder::decoder).orElse(plain);
    var model = new VisionLanguage(images, projector(recipe, images, plain), reads);
    requireRoom(recipe, model);
    Set<String> frozen = frozen(recipe, model, adapted);
    var models = new VisionLanguageModels(recipe, tower, folder, model, adapted, frozen);
    models.requireGroups();
    return models;
  }

  private static DecoderSettings.Folder decoder(VisionLanguageRecipe recipe) {
    return recipe.model().decoder();
  }

  private static RecipeException problem(String key, String message) {
    return LanguageModels.problem(key, message);
  }

  private static Projector projector(
      VisionLanguageRecipe recipe, ImageFeatures images, Decoder decoder) {
    try {
      return recipe
          .model()
          .projector()
          .of(VisionLanguage.PROJECTOR, images.width(), decoder.spec().width());
    } catch (IllegalArgumentException e) {
      throw problem("model.projector", String.valueOf(e.getMessage()));
    }
  }

  private static Optional<AdaptedDecoder> adapted(
      VisionLanguageRecipe recipe, LanguageFolder folder, Decoder plain) throws DataException {
    if (recipe.lora().isEmpty()) {
      return Optional.empty();
    }
    Path tokenizer = decoder(recipe).otherTokenizer().orElse(folder.path());
    try {
      return Optional.of(
          LanguageModels.adapted(
              recipe.lora().get(), plain, () -> LanguageTokenizer.open(tokenizer)));
    } catch (IllegalArgumentException e) {
      throw problem("lora", String.valueOf(e.getMessage()));
    }
  }

  private static void requireRoom(VisionLanguageRecipe recipe, VisionLanguage model) {
    int length = recipe.text().length();
    int context = model.decoder().spec().context();
    if (length > context) {
      throw problem("text.length", "is %d, the model reads %d ids".formatted(length, context));
    }
    int needed = recipe.text().mostImages() * model.tokensOfImage();
    if (needed >= length) {
      throw problem(
          "text.length",
          "is %d, of which %d images of %d tokens each take %d; raise it, or lower text.most-images"
              .formatted(length, recipe.text().mostImages(), model.tokensOfImage(), needed));
    }
  }

  private static Set<String> frozen(
      VisionLanguageRecipe recipe, VisionLanguage model, Optional<AdaptedDecoder> adapted) {
    Set<String> frozen = new HashSet<>(TowerPart.belowTrained(recipe, model.images()));
    if (!recipe.trains().projector()) {
      model.projector().weights().forEach(weight -> frozen.add(weight.name()));
    }
    if (!recipe.trains().decoder()) {
      model.decoder().weights().forEach(weight -> frozen.add(weight.name()));
      adapted.ifPresent(decoder -> frozen.removeAll(decoder.whole()));
    }
    return Set.copyOf(frozen);
  }

  private void requireGroups() {
    List<Problem> problems = new ArrayList<>();
    List<String> trained = trained().stream().map(Weight::name).toList();
    optimizer()
        .check(
            trained,
            (key, message) -> problems.add(ClipModels.problem("optimizer." + key, message)));
    if (!problems.isEmpty()) {
      throw new RecipeException(Path.of("the recipe"), problems);
    }
  }

  public OptimizerSettings optimizer() {
    return recipe.optimizer();
  }

  /// Compares names and shapes of what files hold with the model, and the tokenizer with both.
  ///
  /// @return what a user should know, one line each
  /// @throws DataException naming what is missing, broken or another model's
  public List<String> check() throws IOException {
    folder.check(model.decoder());
    try (LanguageTokenizer own = LanguageTokenizer.open(tokenizerPath())) {
      folder.require(own);
    }
    try (LanguageTokenizer tokenizer = tokenizer()) {
      requireTemplate(tokenizer);
    }
    Map<String, List<Long>> shapes = frozenOfDecoder();
    LanguageModels.requireFrozen("model.decoder.base", base(), model.decoder(), shapes);
    return folder.note(model.decoder(), shapes, base()).stream().toList();
  }

  /// The tokenizer's files do not know that a recipe asked for what they lack.
  private void requireTemplate(LanguageTokenizer tokenizer) throws DataException {
    try {
      recipe.template().encoder(tokenizer, folder.config().ids());
    } catch (DataException e) {
      throw new DataException(
          "template: %s: %s".formatted(word(recipe.template()), e.getMessage()), e);
    }
  }

  /// Where the files are that belong to text.
  Path tokenizerPath() {
    return decoder(recipe).otherTokenizer().orElse(folder.path());
  }

  /// With `<image>`, which a model need not know. Close it.
  public LanguageTokenizer tokenizer() throws IOException {
    return LanguageTokenizer.open(tokenizerPath(), List.of(ConversationRows.MARK));
  }

  /// The tiles that a connector sees.
  public Optional<TileGrid> grid() {
    return switch (model.projector()) {
      case LinearProjector _ -> Optional.empty();
      case TileConnector _ -> Optional.of(TileGrid.paLlava(tower.side()));
    };
  }

  /// How samples become rows.
  public ConversationRows rows(LanguageTokenizer tokenizer) throws DataException {
    int id = tokenizer.id(ConversationRows.MARK).orElseThrow();
    return new ConversationRows(
        recipe.text().images().transform(tower.side(), tower.normalisation()),
        grid(),
        recipe.template().encoder(tokenizer, folder.config().ids()),
        recipe.text().slots(id, model.tokensOfImage()),
        folder.config().ids().filler(),
        recipe.text().mostImages(),
        recipe.revise().map(ReviseSettings::images).equals(Optional.of(Images.BLANK)),
        recipe.text().turns());
  }

  /// By which a run knows the language model's files again.
  public String decoderDigest() throws DataException {
    try (StoredTensors file = folder.weights()) {
      return MappedSource.of(file, UserCache.folder()).sha256();
    }
  }

  /// What the model is, in a text that older checkpoints keep.
  public String architecture() {
    return "%s, %d blocks%s; %s; %s"
        .formatted(
            model.images().tower().spec(),
            model.images().blockCount(),
            model.images().everyToken() ? " with every token" : "",
            recipe.model().projector(),
            folder.config().spec());
  }

  /// Shapes of what checkpoints hold, by name.
  public Map<String, List<Long>> savedShapes() {
    Map<String, List<Long>> shapes = LanguageFolder.shapes(own());
    shapes.keySet().removeAll(frozenOfDecoder().keySet());
    return shapes;
  }

  /// All weights, adapters last.
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>(model.weights());
    weights.addAll(model.decoder().adapterWeights());
    return weights;
  }

  /// Those of the learner: all but those of a tower that stays as it is.
  private List<Weight> own() {
    Set<String> beside = new HashSet<>();
    if (tower.frozen()) {
      model.images().weights().forEach(weight -> beside.add(weight.name()));
    }
    return weights().stream().filter(weight -> !beside.contains(weight.name())).toList();
  }

  /// A template as recipes spell it.
  public static String word(Template template) {
    return template.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Those that the optimiser changes.
  public List<Weight> trained() {
    return weights().stream().filter(weight -> !frozen.contains(weight.name())).toList();
  }

  private List<Weight> frozenOf(List<Weight> weights) {
    return weights.stream().filter(weight -> frozen.contains(weight.name())).toList();
  }

  /// What becomes of the language model's frozen weights.
  public Base base() {
    return decoder(recipe).base();
  }

  private Map<String, List<Long>> frozenOfDecoder() {
    Map<String, List<Long>> shapes = LanguageFolder.shapes(model.decoder());
    shapes.keySet().retainAll(frozen);
    return shapes;
  }

  /// Bytes of the frozen weights that no checkpoint holds, by name.
  public Map<String, Long> frozenBytes(DType compute) throws DataException {
    Map<String, Long> bytes = new LinkedHashMap<>();
    if (tower.frozen()) {
      for (Weight weight : model.images().weights()) {
        bytes.put(weight.name(), elements(weight) * tower.compute(compute).bytes());
      }
    }
    Map<String, List<Long>> shapes = frozenOfDecoder();
    if (!shapes.isEmpty()) {
      bytes.putAll(folder.bytes(model.decoder(), shapes, base()));
    }
    return bytes;
  }

  public static long elements(Weight weight) {
    long elements = 1;
    for (long size : weight.shape()) {
      elements = Math.multiplyExact(elements, size);
    }
    return elements;
  }

  /// Allocates what checkpoints hold, with weights of zero, and opens the rest.
  public ParameterSet allocate(Engine engine) throws DataException {
    return allocate(engine, base());
  }

  /// As above.
  ///
  /// @param base what becomes of the language model's frozen weights
  public ParameterSet allocate(Engine engine, Base base) throws DataException {
    List<ParameterSet.Spec> specs = new ArrayList<>();
    for (Weight weight : own()) {
      specs.add(weight.spec(!frozen.contains(weight.name())));
    }
    DType compute = recipe.precision().compute(engine.device());
    Map<String, List<Long>> shapes = frozenOfDecoder();
    if (shapes.isEmpty()) {
      return ParameterSet.allocate(engine, specs, compute);
    }
    MappedTensors mapped = folder.frozen(engine, model.decoder(), shapes, base);
    try {
      return ParameterSet.allocate(engine, specs, compute, List.of(mapped));
    } catch (RuntimeException | Error e) {
      mapped.close();
      throw e;
    }
  }

  /// Fills in the weights that training starts from.
  ///
  /// @return what a user should know about them, one line each
  public List<String> begin(ParameterSet parameters) throws IOException {
    var first = new Initialiser(new RandomKey(recipe.seed()));
    List<String> notes = new ArrayList<>();
    if (!tower.frozen()) {
      tower.load(parameters);
    }
    folder.load(parameters, model.decoder());
    int before = model.images().weights().size();
    first.fill(parameters, model.projector().weights(), before);
    first.fill(parameters, model.decoder().adapterWeights(), model.weights().size());
    adapted.ifPresent(lora -> lora.fillMagnitudes(parameters));
    adapted.ifPresent(lora -> lora.fillRows(parameters));
    adapted.ifPresent(lora -> notes.add("lora: " + lora.describe()));
    if (recipe.initialiseFrom().isPresent()) {
      notes.add(fill(recipe.initialiseFrom().get(), parameters));
    }
    return notes;
  }

  private String fill(FirstStageSettings first, ParameterSet parameters) throws DataException {
    if (!ForeignStage.is(first.run())) {
      return FirstStage.open(first).fill(parameters);
    }
    try (ForeignStage stage = ForeignStage.open(first.run(), model, adapted)) {
      return stage.fill(parameters);
    }
  }
}
