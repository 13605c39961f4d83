package dev.eosin.recipe.models;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.MappedSource;
import dev.eosin.checkpoint.MappedWeights;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorsDigest;
import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.config.RecipeException;
import dev.eosin.features.ComputedFeatures;
import dev.eosin.features.FeatureCacheSettings;
import dev.eosin.features.FeatureContents;
import dev.eosin.features.FeatureStore;
import dev.eosin.features.ImageFeatures;
import dev.eosin.features.StoredFeatures;
import dev.eosin.features.TowerFeatures;
import dev.eosin.features.TowerSettings;
import dev.eosin.file.UserCache;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.model.ResizedPositions;
import dev.eosin.nn.Weight;
import dev.eosin.qformer.FrozenPart;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.PixelInputs;
import dev.eosin.tower.PositionTables;
import dev.eosin.tower.Vit;
import dev.eosin.train.StoredWeights;
import dev.eosin.train.WeightsPart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// The image tower that a recipe names beside the model that it trains: opened, its weights still
/// in their file. It is no part of checkpoints; its digest is a pin.
///
/// @param settings of the recipe
/// @param images how the recipe prepares images
/// @param stored the tower as its file has it
/// @param own its tensors and others under Eosin's names, fitted to the recipe's image size
/// @param features what is taken of it
/// @param notes what a user should know, one line each
public record FrozenTower(
    TowerSettings settings,
    ImageSettings images,
    StoredTower stored,
    StoredTensors own,
    ImageFeatures features,
    List<String> notes)
    implements AutoCloseable {
  /// What the names of its weights begin with.
  public static final String PREFIX = "image";

  private static final String POSITIONS = PREFIX + ".position-embedding";

  public FrozenTower {
    notes = List.copyOf(notes);
  }

  /// Looks at names and shapes; reads no weights.
  ///
  /// @param key of the settings in the recipe, for messages
  /// @param everyToken whether the class token is read where the recipe does not say
  /// @throws RecipeException when the recipe asks for what the tower has not
  /// @throws DataException when the file cannot be read or does not tell what it is
  public static FrozenTower open(
      String key, TowerSettings settings, ImageSettings images, boolean everyToken)
      throws IOException {
    StoredTower stored = StoredTower.open(key, settings);
    try {
      return of(key, settings, images, stored, everyToken);
    } catch (DataException | RuntimeException | Error e) {
      stored.close();
      throw e;
    }
  }

  /// As above with images as the tower itself takes them: of its own size and normalisation, none
  /// of them augmented.
  static FrozenTower open(String key, TowerSettings settings, boolean everyToken)
      throws IOException {
    StoredTower stored = StoredTower.open(key, settings);
    try {
      var size =
          new InputSize(new Pixels(stored.spec().height()), new Pixels(stored.spec().width()));
      Normalisation colours = TimmTowers.colours(key, settings, stored);
      return of(key, settings, ImageSettings.plain(size, colours), stored, everyToken);
    } catch (DataException | RuntimeException | Error e) {
      stored.close();
      throw e;
    }
  }

  private static FrozenTower of(
      String key, TowerSettings settings, ImageSettings images, StoredTower stored, boolean every)
      throws DataException {
    List<String> notes = new ArrayList<>(stored.notes());
    ImageSpec wanted = sized(key, stored.spec(), images);
    StoredTensors own = resized(stored.own(), stored.spec(), wanted, notes);
    Optional<Normalisation> theirs = stored.normalisation();
    if (theirs.isPresent() && !theirs.get().equals(images.normalisation())) {
      notes.add(
          "%s was trained on images of mean %s and std %s, data.image has %s and %s"
              .formatted(
                  settings.from(),
                  theirs.get().mean(),
                  theirs.get().std(),
                  images.mean(),
                  images.std()));
    }
    ImageTower tower = ImageTower.of(PREFIX, wanted, stored.embedSize(), stored.activation());
    return new FrozenTower(
        settings, images, stored, own, features(key, settings, tower, stored, every), notes);
  }

  private static ImageFeatures features(
      String key, TowerSettings settings, ImageTower tower, StoredTower stored, boolean every) {
    try {
      var features =
          new ImageFeatures(tower, settings.layer(), settings.classToken().orElse(every));
      if (features.blockCount() > stored.blocks()) {
        throw LanguageModels.problem(
            key + ".layer",
            "is %d, but %s has only the first %d of the tower's %d blocks; -2 is the state after the last of them"
                .formatted(
                    settings.layer(), settings.from(), stored.blocks(), tower.spec().layers()));
      }
      return features;
    } catch (IllegalArgumentException e) {
      throw LanguageModels.problem(key + ".layer", String.valueOf(e.getMessage()));
    }
  }

  private static ImageSpec sized(String key, ImageSpec stored, ImageSettings images) {
    int height = images.size().height().value();
    int width = images.size().width().value();
    boolean same = stored.height() == height && stored.width() == width;
    if (same) {
      return stored;
    }
    if (!(stored instanceof Vit)) {
      throw LanguageModels.problem(
          "data.image.size",
          "is %s, the tower of %s takes %d x %d px"
              .formatted(images.size(), key, stored.height(), stored.width()));
    }
    try {
      return stored.withSize(height, width);
    } catch (IllegalArgumentException e) {
      throw LanguageModels.problem("data.image.size", String.valueOf(e.getMessage()));
    }
  }

  private static StoredTensors resized(
      StoredTensors own, ImageSpec from, ImageSpec to, List<String> notes) {
    PositionTables.Grid before = PositionTables.Grid.of(from);
    PositionTables.Grid after = PositionTables.Grid.of(to);
    if (before.equals(after)) {
      return own;
    }
    notes.add(
        "the tower's positions were interpolated from %d x %d to %d x %d patches (bicubic), since data.image.size is %d x %d px"
            .formatted(
                before.height(),
                before.width(),
                after.height(),
                after.width(),
                to.height(),
                to.width()));
    List<Long> shape = List.of((long) to.tokens(), (long) to.hiddenSize());
    return new ResizedPositions(
        own,
        Map.of(
            POSITIONS,
            new ResizedPositions.Resize(
                shape, values -> PositionTables.resized(values, before, after))));
  }

  private Map<String, List<Long>> shapes() {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    for (Weight weight : features.weights()) {
      shapes.put(weight.name(), StoredWeights.boxed(weight.shape()));
    }
    return shapes;
  }

  /// Reads the tower's weights alone.
  private Layout layout() {
    List<String> others = new ArrayList<>(own.names());
    others.removeAll(shapes().keySet());
    return Layout.own(List.copyOf(own.names())).without(others);
  }

  /// By which a run knows the weights again: of files their own, of a run's checkpoint that of the
  /// tensors.
  ///
  /// @throws DataException when they cannot be read
  public String digest() throws DataException {
    return stored.ofRun()
        ? TensorsDigest.sha256(stored.own())
        : MappedSource.of(stored.own(), UserCache.folder()).sha256();
  }

  /// Where it lies, for a model that is stored without it: of a run the checkpoint that was taken.
  ///
  /// @throws DataException when the weights cannot be read
  public FrozenPart part() throws DataException {
    SortedMap<String, String> said = new TreeMap<>();
    said.put("layer", Integer.toString(features.blockCount()));
    said.put("class-token", Boolean.toString(features.everyToken()));
    settings.preset().ifPresent(name -> said.put("preset", name));
    settings
        .config()
        .ifPresent(file -> said.put("config", file.toAbsolutePath().normalize().toString()));
    Path weights = stored.own().path();
    if (stored.ofRun() && settings.part() == WeightsPart.AVERAGE) {
      // The file of averages alone lacks what was locked.
      return FrozenPart.ofAverage(weights.resolveSibling(""), said);
    }
    return FrozenPart.of(stored.ofRun() ? weights : settings.from(), said);
  }

  /// The type that it computes in.
  ///
  /// @param recipe the type that the recipe computes in
  public DType compute(DType recipe) {
    return settings.precision().map(type -> type.elements()).orElse(recipe);
  }

  /// Whether the weights are used in place in their file.
  private boolean inPlace(DType compute) throws DataException {
    for (String name : shapes().keySet()) {
      if (!same(own.header(name).type(), compute)) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(StoredType stored, DType compute) {
    return switch (stored) {
      case F32 -> compute == DType.FLOAT32;
      case F16 -> compute == DType.FLOAT16;
      case BF16 -> compute == DType.BFLOAT16;
      case F64, I64, I32, I16, I8, U8, BOOL -> false;
    };
  }

  /// Bytes of its weights where it computes.
  public long bytes(DType compute) {
    return features.weights().stream().mapToLong(Weight::elements).sum() * compute.bytes();
  }

  /// Its weights, in place where the file has them in the type that is computed in; takes over what
  /// is open here.
  ///
  /// @throws DataException when the file cannot be read or has numbers that are not finite
  public ParameterSet parameters(Engine engine, DType compute) throws DataException {
    List<ParameterSet.Spec> specs =
        features.weights().stream().map(weight -> weight.spec(false)).toList();
    if (inPlace(compute)) {
      MappedWeights mapped = MappedWeights.open(engine, own, layout(), shapes());
      return ParameterSet.allocate(engine, specs, compute, List.of(mapped.tensors()));
    }
    ParameterSet parameters = ParameterSet.allocate(engine, specs, compute);
    try (own) {
      StoredWeights.fill(parameters, layout(), own, Set.of());
      return parameters;
    } catch (DataException | RuntimeException | Error e) {
      parameters.close();
      throw e;
    }
  }

  /// What its features depend on besides an image's pixels.
  ///
  /// @param compute type in which they are computed
  /// @param cache which of them are kept
  /// @throws DataException when the weights cannot be read
  public FeatureContents contents(DType compute, FeatureCacheSettings cache) throws DataException {
    return new FeatureContents(
        digest(),
        features.tower().spec().toString(),
        features.blockCount(),
        features.tokens(),
        features.width(),
        compute.name(),
        images.normalisation(),
        cache.precision());
  }

  /// Its features, computed anew in fp32 whatever the recipe says; takes over what is open here.
  ///
  /// @param atOnce images that go through it together
  /// @throws DataException when the weights cannot be read
  public TowerFeatures wide(Engine engine, int atOnce) throws DataException {
    var inputs = new PixelInputs(engine, DType.FLOAT32, images.normalisation());
    return new ComputedFeatures(features, parameters(engine, DType.FLOAT32), inputs, atOnce);
  }

  /// Its features, kept on disk where the recipe says so; takes over what is open here.
  ///
  /// @param compute the type that the recipe computes in
  /// @param atOnce images that go through it together
  /// @throws DataException when the weights cannot be read
  public TowerFeatures open(Engine engine, DType compute, int atOnce) throws DataException {
    DType type = compute(compute);
    Optional<FeatureStore> store = Optional.empty();
    if (settings.cache().isPresent()) {
      FeatureCacheSettings cache = settings.cache().get();
      store = Optional.of(FeatureStore.in(cache.dir(), contents(type, cache)));
    }
    var inputs = new PixelInputs(engine, type, images.normalisation());
    var computed = new ComputedFeatures(features, parameters(engine, type), inputs, atOnce);
    return store.isPresent() ? new StoredFeatures(computed, store.get(), engine, type) : computed;
  }

  @Override
  public void close() {
    own.close();
  }
}
