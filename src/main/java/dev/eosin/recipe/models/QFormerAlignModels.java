package dev.eosin.recipe.models;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Weight;
import dev.eosin.qformer.Alignment;
import dev.eosin.qformer.BertStart;
import dev.eosin.qformer.QFormerConfig;
import dev.eosin.qformer.QFormerFolder;
import dev.eosin.qformer.QFormerSpec;
import dev.eosin.qformer.StartSettings;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.QFormerAlignRecipe;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Builds what a recipe of a first stage describes.
///
/// @param recipe that is built
/// @param tower the frozen image tower, opened; its own close
/// @param earlier the folder that the first weights come from, where they do
/// @param model what is trained
public record QFormerAlignModels(
    QFormerAlignRecipe recipe, FrozenTower tower, Optional<QFormerFolder> earlier, Alignment model)
    implements AutoCloseable {
  /// BERT's name of the id that texts begin with where they are told.
  private static final String BEGIN = "[DEC]";

  private static final int ALONE_BETWEEN_ENDS = 3;
  private static final int PROBED = 8;
  private static final int SHOWN = 5;

  /// Looks at names and shapes; reads no weights.
  ///
  /// @throws dev.eosin.config.RecipeException when parts of the recipe do not fit each other
  /// @throws DataException when a file that describes a part is missing or says something else
  public static QFormerAlignModels of(QFormerAlignRecipe recipe) throws IOException {
    return of(recipe, recipe.data().text().tokenizer().open());
  }

  /// As above.
  ///
  /// @param tokenizer of captions
  public static QFormerAlignModels of(QFormerAlignRecipe recipe, Tokenizer tokenizer)
      throws IOException {
    FrozenTower tower = FrozenTower.open("tower", recipe.tower(), recipe.data().image(), true);
    try {
      Optional<QFormerFolder> earlier =
          recipe.qformer() instanceof StartSettings.Trained trained
              ? Optional.of(trained.folder())
              : Optional.empty();
      int begin = begin(tokenizer);
      int ids = Math.max(begin + 1, tokenizer.vocabularySize());
      QFormerSpec spec = recipe.qformer().spec(tower.features().width(), ids);
      requireFit(recipe, tower, spec, ids);
      Alignment model =
          recipe
              .alignment()
              .model(
                  spec,
                  earlier
                      .map(each -> each.config().normEpsilon())
                      .orElse(QFormerConfig.NORM_EPSILON),
                  earlier.map(each -> each.config().embedSize().orElse(0)).orElse(0),
                  begin);
      earlier.ifPresent(folder -> requireSize(folder, model.heads().embedSize()));
      return new QFormerAlignModels(recipe, tower, earlier, model);
    } catch (IOException | RuntimeException | Error e) {
      tower.close();
      throw e;
    }
  }

  private static void requireSize(QFormerFolder earlier, int embedSize) {
    int theirs = earlier.config().embedSize().orElse(embedSize);
    if (theirs != embedSize) {
      throw LanguageModels.problem(
          "alignment.embed-size",
          "is %d, %s has %d; leave it out to go on with that"
              .formatted(embedSize, earlier.path(), theirs));
    }
  }

  /// The id of `[DEC]`, or of the one that is added for it behind the tokenizer's own, as LAVIS
  /// does.
  private static int begin(Tokenizer tokenizer) {
    int[] ids = tokenizer.encode(BEGIN, PROBED);
    return ids.length == ALONE_BETWEEN_ENDS ? ids[1] : tokenizer.vocabularySize();
  }

  private static void requireFit(
      QFormerAlignRecipe recipe, FrozenTower tower, QFormerSpec spec, int ids) {
    if (spec.imageWidth() != tower.features().width()) {
      throw LanguageModels.problem(
          "qformer.path",
          "reads images of width %d, the tower's tokens have %d; it was aligned with another tower"
              .formatted(spec.imageWidth(), tower.features().width()));
    }
    QFormerSpec.Words words = spec.words().orElseThrow();
    if (ids > words.vocabulary()) {
      throw LanguageModels.problem(
          "data.text.tokenizer",
          "has %d ids with %s, the Q-Former a table of %d; is it another model's?"
              .formatted(ids, BEGIN, words.vocabulary()));
    }
    if (recipe.data().text().length() > words.positions()) {
      throw LanguageModels.problem(
          "data.text.length",
          "is %d, the Q-Former reads %d ids"
              .formatted(recipe.data().text().length(), words.positions()));
    }
  }

  /// Compares names and shapes of all weights with the recipe.
  ///
  /// @param begins whether first weights are looked for
  /// @return what a user should know, one line each
  public List<String> check(boolean begins) throws IOException {
    List<String> notes = new ArrayList<>(tower.notes());
    if (begins) {
      switch (recipe.qformer()) {
        case StartSettings.Random _ -> {}
        case StartSettings.Bert bert -> StoredTensors.open(bert.path()).close();
        case StartSettings.Trained _ -> earlier.orElseThrow().weights().close();
      }
    }
    return notes;
  }

  /// Everything but the tower.
  public List<Weight> weights() {
    return model.parts().stream().flatMap(part -> part.weights().stream()).toList();
  }

  /// Names of the weights that stay as they begin.
  public Set<String> locked() {
    return switch (recipe.alignment().imageNorm()) {
      case TRAINED -> Set.of();
      case FROZEN ->
          model.norm().weights().stream().map(Weight::name).collect(Collectors.toUnmodifiableSet());
    };
  }

  /// Allocates everything but the tower, with weights of zero.
  public ParameterSet allocate(Engine engine, DType compute) {
    Set<String> locked = new HashSet<>(locked());
    return ParameterSet.allocate(
        engine,
        weights().stream()
            .map(weight -> locked.contains(weight.name()) ? weight.lockedSpec() : weight.spec(true))
            .toList(),
        compute);
  }

  /// Fills in the weights that training starts from.
  ///
  /// @return what a user should know about them, one line each
  public List<String> begin(ParameterSet parameters) throws DataException {
    new Initialiser(new RandomKey(recipe.seed())).fill(parameters, weights());
    return switch (recipe.qformer()) {
      case StartSettings.Random _ -> List.of();
      case StartSettings.Bert bert -> {
        try (StoredTensors file = StoredTensors.open(bert.path())) {
          yield kept(BertStart.apply(model, file, parameters), bert.path().toString());
        }
      }
      case StartSettings.Trained trained ->
          kept(earlier.orElseThrow().load(parameters), trained.path().toString());
    };
  }

  private static List<String> kept(List<String> names, String where) {
    return names.isEmpty()
        ? List.of()
        : List.of(
            "qformer: %d weights that %s lacks begin at random, such as %s"
                .formatted(
                    names.size(),
                    where,
                    String.join(", ", names.subList(0, Math.min(SHOWN, names.size())))));
  }

  @Override
  public void close() {
    tower.close();
  }
}
