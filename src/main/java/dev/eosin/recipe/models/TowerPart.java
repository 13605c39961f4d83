package dev.eosin.recipe.models;

import dev.eosin.config.DataException;
import dev.eosin.features.ImageFeatures;
import dev.eosin.features.TowerSettings;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.nn.Activation;
import dev.eosin.nn.Weight;
import dev.eosin.recipe.VisionLanguageRecipe;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.PixelInputs;
import dev.eosin.vllm.ImageInput;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// The image tower of a model of images and text: left as it is beside the model, or the upper part
/// of it trained as a part of it.
///
/// @param settings of the recipe
/// @param features what is taken of it
/// @param images how they become its input
/// @param frozen whether all of it stays as it is
/// @param activation of its MLPs
/// @param embedSize what its projection makes, which no model of this kind reads
public record TowerPart(
    TowerSettings settings,
    ImageFeatures features,
    ImageSettings images,
    boolean frozen,
    Activation activation,
    int embedSize) {
  private static final String KEY = "model.tower";

  /// @throws dev.eosin.config.RecipeException when the recipe asks for what the tower has not
  /// @throws DataException when its file cannot be read or does not tell what it is
  static TowerPart of(VisionLanguageRecipe recipe) throws IOException {
    TowerSettings settings = recipe.model().tower();
    boolean frozen = settings.frozen() && recipe.trains().towerBlocks() == 0;
    try (FrozenTower tower = FrozenTower.open(KEY, settings, false)) {
      ImageSpec spec = tower.features().tower().spec();
      if (spec.height() != spec.width()) {
        throw LanguageModels.problem(
            KEY,
            "takes images of %d x %d px, square ones are needed"
                .formatted(spec.height(), spec.width()));
      }
      if (!frozen && settings.cache().isPresent()) {
        throw LanguageModels.problem(
            KEY + ".cache",
            "keeps features of a tower that is trained: they change with every step; leave it out");
      }
      StoredTower whole = tower.stored();
      return new TowerPart(
          settings,
          tower.features(),
          tower.images(),
          frozen,
          whole.activation(),
          whole.embedSize());
    }
  }

  /// Names of the tower's weights below its last blocks, those that are not trained.
  ///
  /// @throws dev.eosin.config.RecipeException when it has not as many blocks
  static Set<String> belowTrained(VisionLanguageRecipe recipe, ImageFeatures images) {
    if (!recipe.model().tower().frozen()) {
      return Set.of();
    }
    int blocks = recipe.trains().towerBlocks();
    if (blocks > images.blockCount()) {
      throw LanguageModels.problem(
          "trains.tower-blocks",
          "is %d, of the image tower %d blocks are computed"
              .formatted(blocks, images.blockCount()));
    }
    Set<String> frozen = new HashSet<>();
    for (Weight weight : images.weights()) {
      frozen.add(weight.name());
    }
    for (int i = images.blockCount() - blocks; i < images.blockCount(); i++) {
      String prefix = "%s.blocks.%d.".formatted(images.prefix(), i);
      frozen.removeIf(name -> name.startsWith(prefix));
    }
    return Set.copyOf(frozen);
  }

  /// By which a run knows its weights again.
  public String digest() throws IOException {
    try (FrozenTower tower = FrozenTower.open(KEY, settings, false)) {
      return tower.digest();
    }
  }

  /// Its file, opened: every tensor of it under Eosin's names. Close it.
  public FrozenTower open() throws IOException {
    return FrozenTower.open(KEY, settings, false);
  }

  /// Of its input, in pixels.
  public int side() {
    return features.tower().spec().width();
  }

  public Normalisation normalisation() {
    return images.normalisation();
  }

  /// The type that it computes in.
  ///
  /// @param recipe the type that the recipe computes in
  DType compute(DType recipe) {
    Optional<DType> own = settings.precision().map(type -> type.elements());
    return frozen ? own.orElse(recipe) : recipe;
  }

  /// What of images enters the model.
  ///
  /// @param compute the type that the recipe computes in
  /// @param atOnce images that go through a frozen tower together
  public ImageInput input(Engine engine, DType compute, int atOnce) throws IOException {
    if (!frozen) {
      return new ImageInput.Pixels(new PixelInputs(engine, compute, normalisation()));
    }
    FrozenTower tower = open();
    try {
      return new ImageInput.Features(tower.open(engine, compute, atOnce));
    } catch (DataException | RuntimeException | Error e) {
      tower.close();
      throw e;
    }
  }

  /// Fills in the weights of a tower that is trained.
  ///
  /// @throws DataException when they cannot be read
  public void load(ParameterSet set) throws IOException {
    try (FrozenTower tower = open()) {
      for (Weight weight : features.weights()) {
        float[] values = tower.own().floats(weight.name());
        try (Tensor tensor = set.engine().of(values, weight.shape())) {
          set.assign(weight.name(), tensor);
        }
      }
    }
  }
}
