package dev.eosin.recipe.models;

import dev.eosin.config.DataException;
import dev.eosin.features.ImageFeatures;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.nn.Dropout;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Weight;
import dev.eosin.qformer.DecoderAnswers;
import dev.eosin.qformer.FrozenAnswers;
import dev.eosin.qformer.ImageNorm;
import dev.eosin.qformer.ImageReader;
import dev.eosin.qformer.InstructText;
import dev.eosin.qformer.LanguageProjection;
import dev.eosin.qformer.QFormer;
import dev.eosin.qformer.QFormerConfig;
import dev.eosin.qformer.QFormerFolder;
import dev.eosin.qformer.QFormerModel;
import dev.eosin.qformer.QFormerSpec;
import dev.eosin.qformer.ReaderSettings;
import dev.eosin.qformer.T5Answers;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.QFormerInstructRecipe;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.MappedTensors;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.LanguageTokenizer;
import dev.eosin.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Builds what a recipe of a second stage describes.
///
/// @param recipe that is built
/// @param tower the frozen image tower, opened; its own close
/// @param earlier the folder that the Q-Former's first weights come from
/// @param reader what is trained
/// @param language the frozen language model
public record QFormerInstructModels(
    QFormerInstructRecipe recipe,
    FrozenTower tower,
    Optional<QFormerFolder> earlier,
    ImageReader reader,
    FrozenAnswers language)
    implements AutoCloseable {
  /// Looks at names and shapes; reads no weights.
  ///
  /// @throws dev.eosin.config.RecipeException when parts of the recipe do not fit each other
  /// @throws DataException when a file that describes a part is missing or says something else
  public static QFormerInstructModels of(QFormerInstructRecipe recipe) throws IOException {
    return of(recipe, Optional.empty());
  }

  /// As above.
  ///
  /// @param otherBase of the language model, instead of what the recipe says
  public static QFormerInstructModels of(QFormerInstructRecipe recipe, Optional<Base> otherBase)
      throws IOException {
    FrozenAnswers language = recipe.language().open(otherBase);
    Optional<QFormerFolder> earlier = earlier(recipe);
    FrozenTower tower = FrozenTower.open("tower", recipe.tower(), recipe.data().image(), true);
    try {
      ImageReader reader = reader(recipe, tower.features(), earlier, language);
      requireRoom(recipe, reader, language);
      return new QFormerInstructModels(recipe, tower, earlier, reader, language);
    } catch (IOException | RuntimeException | Error e) {
      tower.close();
      throw e;
    }
  }

  private static Optional<QFormerFolder> earlier(QFormerInstructRecipe recipe)
      throws DataException {
    return switch (recipe.qformer()) {
      case ReaderSettings.RandomReader _ -> Optional.empty();
      case ReaderSettings.TrainedReader trained -> {
        if (!Files.isDirectory(trained.path())) {
          throw LanguageModels.problem(
              "qformer.path",
              "%s is no folder of an earlier stage; train one (kind: qformer-align), name a folder of BLIP-2 or InstructBLIP, or say that there is none: type: random"
                  .formatted(trained.path()));
        }
        yield Optional.of(QFormerFolder.open(LanguageFolder.of(trained.path())));
      }
    };
  }

  private static ImageReader reader(
      QFormerInstructRecipe recipe,
      ImageFeatures features,
      Optional<QFormerFolder> earlier,
      FrozenAnswers language)
      throws IOException {
    QFormerSpec spec = spec(recipe, features, earlier);
    double epsilon =
        earlier.map(each -> each.config().normEpsilon()).orElse(QFormerConfig.NORM_EPSILON);
    if (spec.imageWidth() != features.width()) {
      throw LanguageModels.problem(
          "qformer.path",
          "reads images of width %d, the tower's tokens have %d; is it another tower's?"
              .formatted(spec.imageWidth(), features.width()));
    }
    return new ImageReader(
        new ImageNorm(QFormerModel.NORM, features.width(), epsilon),
        new QFormer(QFormerModel.QFORMER, spec),
        new LanguageProjection(QFormerModel.PROJECTION, spec.width(), language.answers().width()));
  }

  private static QFormerSpec spec(
      QFormerInstructRecipe recipe, ImageFeatures features, Optional<QFormerFolder> earlier)
      throws IOException {
    boolean reads = recipe.qformer().instructed();
    Optional<QFormerSpec.Words> words = Optional.empty();
    Dropout dropout = recipe.qformer().dropped();
    if (recipe.qformer() instanceof ReaderSettings.RandomReader own) {
      if (reads) {
        int vocabulary = vocabulary(recipe);
        words = Optional.of(new QFormerSpec.Words(vocabulary, own.positions()));
      }
      return QFormerSpec.of(
          own.layers(),
          own.width(),
          own.heads(),
          own.mlpWidth(),
          features.width(),
          own.crossEvery(),
          own.queries(),
          words,
          dropout);
    }
    QFormerSpec trained = earlier.orElseThrow().config().qformer();
    if (reads && trained.words().isEmpty()) {
      throw LanguageModels.problem(
          "qformer.instructed",
          "the Q-Former of %s reads no text; write false, or name one that does"
              .formatted(earlier.get().path()));
    }
    return trained.with(dropout).with(reads ? trained.words() : Optional.empty());
  }

  private static int vocabulary(QFormerInstructRecipe recipe) throws IOException {
    return recipe.text().qformerTokenizer().orElseThrow().open().vocabularySize();
  }

  private static void requireRoom(
      QFormerInstructRecipe recipe, ImageReader reader, FrozenAnswers language) {
    QFormerSpec spec = reader.qformer().spec();
    spec.words()
        .filter(words -> recipe.text().qformerLength() > words.positions())
        .ifPresent(
            words -> {
              throw LanguageModels.problem(
                  "text.qformer-length",
                  "is %d, the Q-Former reads %d ids"
                      .formatted(recipe.text().qformerLength(), words.positions()));
            });
    if (language.answers() instanceof DecoderAnswers decoder) {
      int most = recipe.text().promptLength() + recipe.text().answerLength() + spec.queries();
      int context = decoder.decoder().spec().context();
      if (most > context) {
        throw LanguageModels.problem(
            "text.prompt-length",
            "prompts of %d ids and answers of %d behind %d tokens of an image are up to %d, the language model reads %d"
                .formatted(
                    recipe.text().promptLength(),
                    recipe.text().answerLength(),
                    spec.queries(),
                    most,
                    context));
      }
    }
  }

  /// Compares names and shapes of all weights with the recipe.
  ///
  /// @param begins whether the Q-Former's first weights are looked for
  /// @return what a user should know, one line each
  public List<String> check(boolean begins) throws IOException {
    List<String> notes = new ArrayList<>(tower.notes());
    language.check();
    notes.addAll(language.notes());
    if (begins && earlier.isPresent()) {
      earlier.get().weights().close();
    }
    if (recipe.qformer() instanceof ReaderSettings.RandomReader) {
      notes.add("qformer: begins with random weights, without a first stage");
    }
    try (InstructText text = text()) {
      text.qformer().ifPresent(tokenizer -> requireRows(tokenizer));
    }
    return notes;
  }

  private void requireRows(Tokenizer tokenizer) {
    int rows = reader.qformer().spec().words().orElseThrow().vocabulary();
    if (tokenizer.vocabularySize() > rows) {
      throw LanguageModels.problem(
          "text.qformer-tokenizer",
          "has %d ids, the Q-Former a table of %d; is it another model's?"
              .formatted(tokenizer.vocabularySize(), rows));
    }
  }

  /// Opens both tokenizers.
  public InstructText text() throws IOException {
    LanguageTokenizer tokenizer = recipe.language().tokenizer();
    try {
      Optional<Tokenizer> own = Optional.empty();
      if (recipe.text().qformerTokenizer().isPresent()) {
        own = Optional.of(recipe.text().qformerTokenizer().get().open());
      }
      return InstructText.of(
          recipe.text(),
          tokenizer,
          language.folder().config().ids(),
          language.answers() instanceof T5Answers,
          own);
    } catch (IOException | RuntimeException | Error e) {
      tokenizer.close();
      throw e;
    }
  }

  /// What is trained.
  public List<Weight> trained() {
    return reader.parts().stream().flatMap(part -> part.weights().stream()).toList();
  }

  /// What is trained, then the language model.
  public List<Weight> weights() {
    return Stream.concat(trained().stream(), language.weights().stream()).toList();
  }

  /// Names of the weights that are not trained.
  public Set<String> frozen() {
    Set<String> names = new HashSet<>();
    language.weights().forEach(weight -> names.add(weight.name()));
    return names;
  }

  /// Allocates what is trained, with weights of zero, and opens the language model.
  public ParameterSet allocate(Engine engine, DType compute) throws DataException {
    List<ParameterSet.Spec> specs = new ArrayList<>();
    trained().forEach(weight -> specs.add(weight.spec(true)));
    language.weights().forEach(weight -> specs.add(weight.spec(false)));
    MappedTensors tensors = language.open(engine);
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
    new Initialiser(new RandomKey(recipe.seed())).fill(parameters, trained());
    List<String> notes = new ArrayList<>();
    if (earlier.isPresent()) {
      List<String> kept = earlier.get().load(parameters);
      if (!kept.isEmpty()) {
        notes.add(
            "qformer: %d weights that %s lacks begin at random: %s"
                .formatted(kept.size(), earlier.get().path(), String.join(", ", kept)));
      }
    }
    return notes;
  }

  @Override
  public void close() {
    tower.close();
  }
}
