package dev.eosin.recipe.models;

import dev.eosin.albef.Albef;
import dev.eosin.albef.ImageStart;
import dev.eosin.albef.TextSpec;
import dev.eosin.config.DataException;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import dev.eosin.features.TowerSettings;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.AlbefRecipe;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.text.Tokenizer;
import dev.eosin.tower.Vit;
import dev.eosin.train.WeightsPart;
import dev.eosin.train.optimisers.OptimizerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Builds what a recipe of kind albef describes.
///
/// @param recipe that is built
/// @param tower where the image tower begins, opened; its own close
/// @param model what is trained
public record AlbefModels(AlbefRecipe recipe, FrozenTower tower, Albef model)
    implements AutoCloseable {
  /// ALBEF's name of the id that texts begin with where they are judged.
  private static final String JUDGE = "[ENC]";

  private static final int ALONE_BETWEEN_ENDS = 3;
  private static final int PROBED = 8;

  /// Looks at names and shapes; reads no weights.
  ///
  /// @throws RecipeException when parts of the recipe do not fit each other
  /// @throws DataException when a file that describes a part is missing or says something else
  public static AlbefModels of(AlbefRecipe recipe) throws IOException {
    return of(recipe, recipe.data().text().tokenizer().open());
  }

  /// As above.
  ///
  /// @param tokenizer of captions
  public static AlbefModels of(AlbefRecipe recipe, Tokenizer tokenizer) throws IOException {
    FrozenTower tower =
        FrozenTower.open("image", settings(recipe.image()), recipe.data().image(), true);
    try {
      if (!(tower.features().tower().spec() instanceof Vit vit)) {
        throw LanguageModels.problem(
            "image.from", "is a timm trunk; CLIP's own vision transformer is needed");
      }
      int judge = judge(tokenizer);
      int ids = Math.max(judge + 1, tokenizer.vocabularySize());
      TextSpec text = recipe.text().spec(vit.hiddenSize(), ids);
      requireFit(recipe, text);
      Transformer blocks = tower.features().tower().transformer();
      Albef model =
          Albef.of(
              vit,
              blocks.activation(),
              text,
              recipe.contrast().embedSize(),
              recipe.contrast().temperature(),
              judge);
      var models = new AlbefModels(recipe, tower, model);
      models.requireGroups();
      return models;
    } catch (IOException | RuntimeException | Error e) {
      tower.close();
      throw e;
    }
  }

  private static TowerSettings settings(ImageStart image) {
    return new TowerSettings(
        image.from(),
        WeightsPart.WEIGHTS,
        image.preset(),
        image.config(),
        -1,
        Optional.of(true),
        true,
        Optional.empty(),
        Optional.empty());
  }

  /// The id of `[ENC]`, or of the one that is added for it behind the tokenizer's own.
  private static int judge(Tokenizer tokenizer) {
    int[] ids = tokenizer.encode(JUDGE, PROBED);
    return ids.length == ALONE_BETWEEN_ENDS ? ids[1] : tokenizer.vocabularySize();
  }

  private static void requireFit(AlbefRecipe recipe, TextSpec text) {
    if (recipe.data().text().length() > text.positions()) {
      throw LanguageModels.problem(
          "data.text.length",
          "is %d, the text encoder reads %d ids"
              .formatted(recipe.data().text().length(), text.positions()));
    }
  }

  private void requireGroups() {
    OptimizerSettings settings = recipe.optimizer();
    List<Problem> problems = new ArrayList<>();
    settings.check(
        model.trainedWeights().stream().map(Weight::name).toList(),
        (key, message) -> problems.add(ClipModels.problem("optimizer." + key, message)));
    if (!problems.isEmpty()) {
      throw new RecipeException(Path.of("the recipe"), problems);
    }
  }

  /// @param begins whether first weights are looked for
  /// @return what a user should know, one line each
  public List<String> check(boolean begins) throws IOException {
    if (begins) {
      recipe.text().check();
    }
    return tower.notes();
  }

  /// Names of the weights that have no gradients.
  public Set<String> followers() {
    return model.momentum().weights().stream()
        .map(Weight::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  /// What the model is, in a text that older checkpoints keep.
  public String architecture() {
    return "%s, %s, embedding %d, queue %d"
        .formatted(
            model.trained().images().vit(),
            model.trained().texts().spec(),
            recipe.contrast().embedSize(),
            recipe.contrast().queue());
  }

  /// Fills in the weights that training starts from; the momentum encoder begins as the trained
  /// one.
  ///
  /// @return what a user should know about them, one line each
  public List<String> begin(ParameterSet parameters) throws IOException {
    new Initialiser(new RandomKey(recipe.seed())).fill(parameters, model.trainedWeights());
    List<String> loaded = new ArrayList<>();
    model.trained().images().images().weights().forEach(weight -> loaded.add(weight.name()));
    switch (recipe.image().lastNorm()) {
      case TOWER -> loaded.addAll(model.trained().images().lastNorm());
      case FRESH -> {}
    }
    for (String name : loaded) {
      float[] values = tower.own().floats(name);
      try (Tensor tensor = parameters.engine().of(values, parameters.get(name).data().shape())) {
        parameters.assign(name, tensor);
      }
    }
    List<String> notes = recipe.text().fill(model.trained().texts(), parameters);
    model.follow(parameters, 0);
    return notes;
  }

  @Override
  public void close() {
    tower.close();
  }
}
