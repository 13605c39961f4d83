package dev.eosin.recipe.stored;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.export.ExportedVisionLanguage;
import dev.eosin.language.generation.GenerationDefaults;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.recipe.Recipe;
import dev.eosin.recipe.VisionLanguageRecipe;
import dev.eosin.recipe.models.StoredRun;
import dev.eosin.recipe.models.VisionLanguageModels;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.LanguageTokenizer;
import dev.eosin.train.StoredWeights;
import dev.eosin.train.WeightsPart;
import dev.eosin.vllm.ConversationRows;
import dev.eosin.vllm.ImageInput;
import dev.eosin.vllm.StoredVisionLanguage;
import dev.eosin.vllm.VisionLanguageAnswerer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// A run of a model of images and text that is to answer from its newest checkpoint, its frozen
/// parts where its recipe names them.
///
/// @param run its folder and checkpoint
/// @param models what its recipe describes
/// @param rows put questions into words and ids
/// @param digests of the frozen parts
/// @param base what becomes of the language model's weights
record VisionLanguageRun(
    StoredRun run, VisionLanguageModels models, ConversationRows rows, Digests digests, Base base)
    implements StoredAnswerer {
  /// Of the weights that no checkpoint holds.
  record Digests(String tower, String decoder) {}

  private static final int IMAGES_AT_ONCE = 16;

  /// The run at a path.
  ///
  /// @param otherBase instead of what the recipe says
  /// @return empty where there is none of this kind
  /// @throws DataException when it has no sound checkpoint, or something that it needs is not there
  static Optional<StoredAnswerer> at(Path path, Optional<Base> otherBase) throws IOException {
    Path recipe = path.resolve(StoredRun.RECIPE);
    if (!Files.isRegularFile(recipe) || !Files.isDirectory(path)) {
      return Optional.empty();
    }
    try {
      if (!(Recipe.read(recipe, List.of()) instanceof VisionLanguageRecipe trained)) {
        return Optional.empty();
      }
      StoredRun run = StoredRun.find(path).orElseThrow();
      VisionLanguageModels models = VisionLanguageModels.of(trained);
      LanguageTokenizer tokenizer = models.tokenizer();
      try {
        var digests = new Digests(models.tower().digest(), models.decoderDigest());
        Base base = otherBase.orElse(models.base());
        return Optional.of(
            new VisionLanguageRun(run, models, models.rows(tokenizer), digests, base));
      } catch (IOException | RuntimeException | Error e) {
        tokenizer.close();
        throw e;
      }
    } catch (RecipeException e) {
      throw new DataException(
          "%s: the stored recipe cannot be used: %s"
              .formatted(recipe, e.problems().getFirst().message()),
          e);
    }
  }

  @Override
  public Path path() {
    return run.run();
  }

  @Override
  public List<String> notes() {
    return List.of(
        "%s: answers from its checkpoint after step %d%s"
            .formatted(
                run.run(),
                run.checkpoint().state().step(),
                base == Base.INT8 ? "; the language model's linears are rounded to int8" : ""));
  }

  @Override
  public boolean seesImages() {
    return true;
  }

  @Override
  public GenerationDefaults defaults() {
    return GenerationDefaults.NONE;
  }

  @Override
  public int length(String text) {
    try {
      return rows.question(text).length;
    } catch (DataException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  @Override
  public OptionalInt context() {
    return OptionalInt.of(models.model().decoder().spec().context());
  }

  @Override
  public void requireRoom(String id, String text, int mostTokens) throws DataException {
    int length = rows.question(text).length;
    int context = models.model().decoder().spec().context();
    if (length + mostTokens > context) {
      throw new DataException(
          "%s: the question with its image has %d ids and its answer may have %d; the model reads %d in all: shorten the question, or ask for fewer tokens"
              .formatted(id, length, mostTokens, context));
    }
  }

  @Override
  public SortedMap<String, String> pins(GenerationSettings generation) throws DataException {
    SortedMap<String, String> pins = new TreeMap<>();
    pins.put("model", models.architecture());
    pins.put("template", VisionLanguageModels.word(models.recipe().template()));
    pins.put("generation", generation.toString());
    pins.putAll(base.pins());
    pins.put("model.sha256", run.checkpoint().sha256(Checkpoint.MODEL));
    pins.put("tower.sha256", digests.tower());
    pins.put("decoder.sha256", digests.decoder());
    return pins;
  }

  @Override
  public StoredAnswerer.Loaded load(Engine engine, GenerationSettings generation)
      throws IOException {
    ParameterSet parameters = models.allocate(engine, base);
    try (StoredTensors file = run.checkpoint().model()) {
      List<String> names = parameters.saved().stream().map(Parameter::name).toList();
      StoredWeights.fill(parameters, Layout.own(names), file, Set.of());
      DType compute = models.recipe().precision().compute(engine.device());
      ImageInput input = models.tower().input(engine, compute, IMAGES_AT_ONCE);
      var answerer =
          new VisionLanguageAnswerer(
              models.model(), parameters, rows, input, ends(), generation::limited);
      return new StoredVisionLanguage.Loaded(answerer);
    } catch (IOException | RuntimeException | Error e) {
      parameters.close();
      throw e;
    }
  }

  /// Ids that end an answer.
  List<Integer> ends() {
    return models
        .recipe()
        .template()
        .ends(rows.encoder().tokenizer(), models.folder().config().ids());
  }

  /// What graphs of it are made of.
  ///
  /// @throws DataException when the tower or the language model is not what the run was trained
  ///   beside
  ExportedVisionLanguage exported() throws IOException {
    new WholeVisionLanguage(run, models, WeightsPart.WEIGHTS).requireParts();
    return new ExportedVisionLanguage(this, models.model(), new VisionLanguageRunExport(this));
  }

  @Override
  public void close() {
    rows.encoder().tokenizer().close();
  }
}
